// Where the map looks: at the whole district, at a place, at an answer; beside the panels that cover a part of it.
//
// Invariant: as long as nobody has moved the map by hand, a panel that opens or closes brings the last aim back into the
// free part of the screen. A map moved by hand stays where it was put.
import type { Map as MapLibreMap } from 'maplibre-gl'
import type { LonLat } from '../api/schema'
import { boxOf, type Box } from '../geo/extent'

export interface Padding {
  top: number
  right: number
  bottom: number
  left: number
}

/** How close to come: a place alone on the screen, or an area such as a town or a gap. */
export type Closeness = 'place' | 'area'

export interface Camera {
  /** Tells which part of the map panels cover now. */
  setPadding: (padding: Padding) => void
  flyTo: (at: LonLat, closeness: Closeness) => void
  fit: (points: Iterable<LonLat>) => void
  home: () => void
}

const ZOOM: Record<Closeness, number> = { place: 14, area: 12.5 }
const FIT_ZOOM_MAX = 15
/** Room for symbols and labels around what is fitted, more on the right where the controls stand. */
const INSET: Padding = { top: 40, right: 64, bottom: 40, left: 40 }
const MOVE_MS = 600
const SHIFT_MS = 250

/** Looks at the whole box and returns what may be asked of the camera. */
export function aimCamera(map: MapLibreMap, box: Box, padding: Padding): Camera {
  const fitBox = (target: Box) => (duration: number) => void map.fitBounds(target, { padding: INSET, maxZoom: FIT_ZOOM_MAX, duration })
  let aim: ((duration: number) => void) | null = null
  let covered = padding

  function take(next: (duration: number) => void, duration: number): void {
    aim = next
    next(duration)
  }

  map.setPadding(padding)
  take(fitBox(box), 0)
  map.on('movestart', (event: { originalEvent?: unknown }) => {
    if (event.originalEvent) aim = null
  })

  return {
    setPadding(next) {
      if (JSON.stringify(next) === JSON.stringify(covered)) return
      covered = next
      if (!aim) return void map.easeTo({ padding: next, duration: SHIFT_MS })
      map.stop()
      map.setPadding(next)
      aim(SHIFT_MS)
    },
    flyTo(center, closeness) {
      const zoom = Math.max(map.getZoom(), ZOOM[closeness])
      take((duration) => void map.flyTo({ center, zoom, duration }), MOVE_MS)
    },
    fit(points) {
      const target = boxOf(points)
      if (target) take(fitBox(target), MOVE_MS)
    },
    home: () => take(fitBox(box), MOVE_MS),
  }
}
