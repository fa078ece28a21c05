// The small map of the public page: shows the results, takes a tap as a position.
import type { Closure } from '../api/roads'
import type { DivisionLayer, LonLat, NearestResult, SlimFeature } from '../api/schema'
import { boxOf, type Box } from '../geo/extent'
import { addBasemap, addDivisionLabels, paintBasemap, showDivisions, showGraticule } from './basemap'
import { addClosures, closureAt, paintClosures, showClosures } from './closures'
import { openMap, type MapWords } from './engine'
import { onGround } from './ground'
import { addAreas, addMarks, paintOverlays, showOrigins, showRays } from './overlays'
import { addPoints, paintPoints, showPoints } from './points'
import { addRoads, paintRoads, showRoute, type DrawnRoute } from './roads'
import type { Look } from './symbol-key'

export interface PickerMap {
  showDivisions: (layer: DivisionLayer) => void
  showResults: (origin: LonLat | null, results: readonly NearestResult[]) => void
  showClosures: (closures: readonly Closure[]) => void
  /** Draws a route and looks at it; none clears it. */
  showRoute: (route: DrawnRoute | null) => void
  setLook: (look: Look) => void
  destroy: () => void
}

export interface PickerMapOptions {
  container: HTMLElement
  box: Box
  look: Look
  words: MapWords
  onPosition: (at: LonLat) => void
  /** Called with the id of a closure whose road or edge was tapped; inside of its area a tap is a position. */
  onClosure: (id: string) => void
}

/** A handful of results never merge: each carries its rank. */
const NO_CLUSTERS = 0
/** Room for ranks and labels, more where the controls stand. */
const INSET = { top: 56, right: 72, bottom: 64, left: 40 }

/** Opens the map. Rejects when the browser cannot draw it. */
export async function openPickerMap({ container, box, look, words, onPosition, onClosure }: PickerMapOptions): Promise<PickerMap> {
  const map = await openMap(container, box, words)
  addBasemap(map)
  addAreas(map)
  addPoints(map, NO_CLUSTERS)
  addMarks(map)
  addRoads(map)
  addClosures(map)
  addDivisionLabels(map)
  const setLook = onGround(map, (next) => {
    paintBasemap(map, next)
    paintPoints(map, next)
    paintOverlays(map, next)
    paintRoads(map, next)
    paintClosures(map, next)
  })
  setLook(look)
  showGraticule(map)
  map.on('moveend', () => showGraticule(map))
  map.on('click', (event) => {
    const closure = closureAt(map, event.point, 'edge')
    if (closure) onClosure(closure)
    else onPosition([event.lngLat.lng, event.lngLat.lat])
  })
  map.on('idle', () => {
    container.dataset.ready = 'true'
  })
  return {
    showDivisions: (layer) => showDivisions(map, layer),
    showResults: (origin, results) => {
      showPoints(map, results.map(asFeature))
      showOrigins(map, origin ? [origin] : [])
      showRays(map, origin, results)
      const target = boxOf([...(origin ? [origin] : []), ...results.map((r): LonLat => [r.lon, r.lat])])
      if (target) map.fitBounds(target, { padding: INSET, maxZoom: 15, duration: 400 })
    },
    showClosures: (closures) => showClosures(map, closures),
    showRoute: (route) => {
      showRoute(map, route)
      const target = boxOf((route?.answer.geometry?.coordinates ?? []) as LonLat[])
      if (target) map.fitBounds(target, { padding: INSET, maxZoom: 15, duration: 400 })
    },
    setLook,
    destroy: () => map.remove(),
  }
}

function asFeature(r: NearestResult): SlimFeature {
  const { id, kind, name, name_en, level, status, lifecycle } = r
  return {
    type: 'Feature', id, geometry: { type: 'Point', coordinates: [r.lon, r.lat] },
    properties: { id, kind, name, name_en: name_en ?? null, level: level ?? null, status: status ?? null, lifecycle: lifecycle ?? null },
  }
}
