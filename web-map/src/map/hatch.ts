// Hatches: areas that are told by slanting lines as well as by their colour.
import type { Map as MapLibreMap } from 'maplibre-gl'

export interface Hatch {
  colour: string
  /** Pixels from one line to the next, as wide as it is high. */
  side: number
  width: number
  /** To which side the lines rise. */
  rises: 'left' | 'right'
  opacity?: number
}

/** Fills a layer with a hatch, which is drawn once for each `name`. */
export function fillHatched(map: MapLibreMap, layer: string, name: string, hatch: Hatch): void {
  if (!map.hasImage(name)) map.addImage(name, drawn(hatch), { pixelRatio: 2 })
  map.setPaintProperty(layer, 'fill-pattern', name)
}

function drawn({ colour, side, width, rises, opacity = 1 }: Hatch): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const context = canvas.getContext('2d')
  if (!context) return new ImageData(side, side)
  context.strokeStyle = colour
  context.globalAlpha = opacity
  context.lineWidth = width
  const [from, to] = rises === 'right' ? [side + 2, -2] : [-2, side + 2]
  for (const shift of [-side, 0, side]) {
    context.beginPath()
    context.moveTo(shift - 2, from)
    context.lineTo(shift + side + 2, to)
    context.stroke()
  }
  return context.getImageData(0, 0, side, side)
}
