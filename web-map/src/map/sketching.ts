// Drawing a shape on the map by hand: click or tap adds a corner, double click or Enter ends, Backspace takes one back,
// Esc cancels; with the map focused, Space adds the centre.
//
// Invariant: while somebody draws, the map neither zooms on a double click nor chooses anything; keys typed into a field
// are the field's.
import type { Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl'
import type { LonLat } from '../api/schema'
import { addCorner, emptySketch, isWhole, undoCorner, type Sketch, type SketchKind } from '../geo/sketch'
import { showSketch } from './sketch'

export interface SketchListener {
  onChange: (sketch: Sketch) => void
  onDone: (sketch: Sketch) => void
  onCancel: () => void
}

export interface Sketching {
  start: (kind: SketchKind, listener: SketchListener) => void
  undo: () => void
  finish: () => void
  /** Draws a finished sketch, or clears. */
  keep: (sketch: Sketch | null) => void
  /** True while somebody draws. */
  isOn: () => boolean
  stop: () => void
}

/** A click this near to a corner means that corner. */
const SAME_PX = 10

export function bindSketching(map: MapLibreMap): Sketching {
  let sketch: Sketch | null = null
  let listener: SketchListener | null = null
  const crosshair = document.createElement('div')
  crosshair.className = 'crosshair'
  map.getContainer().append(crosshair)

  function aim(): void {
    const { x, y } = map.project(map.getCenter())
    crosshair.style.left = `${x}px`
    crosshair.style.top = `${y}px`
  }

  const where = (event: MapMouseEvent): LonLat => [event.lngLat.lng, event.lngLat.lat]
  function near(corner: LonLat | undefined, { point }: MapMouseEvent): boolean {
    if (!corner) return false
    const { x, y } = map.project(corner)
    return Math.hypot(x - point.x, y - point.y) <= SAME_PX
  }

  function change(next: Sketch): void {
    sketch = next
    showSketch(map, sketch, null)
    listener?.onChange(sketch)
    if (next.kind === 'point' && isWhole(next)) finish()
  }

  function finish(): void {
    if (!sketch || !isWhole(sketch)) return
    const [done, told] = [sketch, listener]
    leave()
    showSketch(map, done, null)
    told?.onDone(done)
  }

  function click(event: MapMouseEvent): void {
    if (!sketch || near(sketch.corners.at(-1), event)) return
    if (sketch.kind === 'area' && isWhole(sketch) && near(sketch.corners[0], event)) return finish()
    change(addCorner(sketch, where(event)))
  }

  function double(event: MapMouseEvent): void {
    if (!sketch) return
    event.preventDefault()
    finish()
  }

  function move(event: MapMouseEvent): void {
    if (sketch) showSketch(map, sketch, where(event))
  }

  function press(event: KeyboardEvent): void {
    if (!sketch || document.querySelector('dialog[open]')) return
    const target = event.target as HTMLElement
    const isField = ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName)
    const isButton = target.tagName === 'BUTTON'
    if (event.key === 'Escape') cancel()
    else if (event.key === 'Enter' && !isField && !isButton) finish()
    else if (event.key === 'Backspace' && !isField) change(undoCorner(sketch))
    else if (event.key === ' ' && target === map.getCanvas()) change(addCorner(sketch, map.getCenter().toArray()))
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  function cancel(): void {
    const told = listener
    stop()
    told?.onCancel()
  }

  function leave(): void {
    sketch = null
    listener = null
    map.getContainer().classList.remove('sketching')
    document.removeEventListener('keydown', press, true)
    // The double click that ends a shape must not zoom, so zooming by it comes back only after it.
    setTimeout(() => sketch ?? map.doubleClickZoom.enable(), 400)
  }

  function stop(): void {
    leave()
    showSketch(map, null, null)
  }

  map.on('click', click)
  map.on('dblclick', double)
  map.on('mousemove', move)
  map.on('move', aim)
  return {
    start(kind, next) {
      stop()
      listener = next
      map.doubleClickZoom.disable()
      map.getContainer().classList.add('sketching')
      aim()
      document.addEventListener('keydown', press, true)
      change(emptySketch(kind))
    },
    undo: () => sketch && change(undoCorner(sketch)),
    finish,
    keep: (done) => showSketch(map, done, null),
    isOn: () => sketch !== null,
    stop,
  }
}
