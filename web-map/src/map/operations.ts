// The operations map: owns the MapLibre object and offers what the pages may do with it.
//
// Invariant: no page touches MapLibre; what goes in is data, what comes out is "this resource" or "this position".
import type { MultiPolygon } from 'geojson'
import type { Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl'
import type { BandsAnswer, Closure } from '../api/roads'
import type { DivisionLayer, LonLat, SlimFeature } from '../api/schema'
import type { Box } from '../geo/extent'
import { aimCamera, type Camera, type Padding } from './camera'
import { addBasemap, addDivisionLabels, paintBasemap, showDivisions, showGraticule } from './basemap'
import { addClosures, closureAt, paintClosures, showClosures } from './closures'
import { openMap, sourceOf, type MapWords } from './engine'
import { onGround } from './ground'
import { addAreas, addMarks, paintOverlays, showCircle, showGap, showOrigins, showRays, showSelection, type Ranked } from './overlays'
import { addPoints, CLUSTER_ZOOM_MAX, paintPoints, patchPoints, showPoints } from './points'
import { addRoads, paintRoads, showReach, showRoute, type DrawnRoute } from './roads'
import { addSketch, paintSketch } from './sketch'
import { bindSketching, type Sketching } from './sketching'
import type { Look } from './symbol-key'

export interface OperationsMapOptions {
  container: HTMLElement
  box: Box
  look: Look
  words: MapWords
  /** The space that panels cover at first, in CSS pixels. */
  padding: Padding
  /** Called with every position clicked, and the resource that stands there; returning true keeps the click from choosing it. */
  onPosition: (at: LonLat, resource: string | null) => boolean
  /** Called with the id of a resource that was clicked. */
  onResource: (id: string) => void
  /** Called with the id of a closure that was clicked. */
  onClosure: (id: string) => void
}

const TOUCH_PX = 8

export interface OperationsMap extends Camera {
  showDivisions: (layer: DivisionLayer) => void
  showPoints: (features: SlimFeature[]) => void
  patchPoints: (remove: string[], add: SlimFeature[]) => void
  showOrigins: (origins: readonly LonLat[]) => void
  showNearest: (origin: LonLat | null, results: readonly Ranked[]) => void
  showAround: (centre: LonLat | null, radius_m: number) => void
  showGap: (gap: MultiPolygon | null) => void
  showClosures: (closures: readonly Closure[]) => void
  showRoute: (route: DrawnRoute | null) => void
  showReach: (bands: BandsAnswer | null, textOf: (seconds: number) => string) => void
  sketching: Sketching
  select: (feature: SlimFeature | null) => void
  setLook: (look: Look) => void
  setAim: (aiming: 'resource' | 'position') => void
  destroy: () => void
}

/** Opens the operations map. Rejects when the browser cannot draw it. */
export async function openOperationsMap(options: OperationsMapOptions): Promise<OperationsMap> {
  const { container, box, padding } = options
  const map = await openMap(container, box, options.words)
  addBasemap(map)
  addAreas(map)
  addPoints(map, CLUSTER_ZOOM_MAX)
  addMarks(map)
  addRoads(map)
  addClosures(map)
  addSketch(map)
  addDivisionLabels(map)
  const setLook = onGround(map, (look) => {
    paintBasemap(map, look)
    paintPoints(map, look)
    paintOverlays(map, look)
    paintRoads(map, look)
    paintClosures(map, look)
    paintSketch(map, look)
  })
  setLook(options.look)
  const camera = aimCamera(map, box, padding)
  showGraticule(map)
  map.on('moveend', () => showGraticule(map))
  // Before the sketch takes the click: the one that ends a shape chooses nothing.
  map.on('click', (event) => {
    if (!sketching.isOn()) void click(map, event, options)
  })
  const sketching = bindSketching(map)
  map.on('idle', () => report(map, container))
  bindHover(map)
  return {
    showDivisions: (layer) => showDivisions(map, layer),
    showPoints: (features) => showPoints(map, features),
    patchPoints: (remove, add) => patchPoints(map, remove, add),
    showOrigins: (origins) => showOrigins(map, origins),
    showNearest: (origin, results) => showRays(map, origin, results),
    showAround: (centre, radius_m) => showCircle(map, centre, radius_m),
    showGap: (gap) => showGap(map, gap),
    showClosures: (closures) => showClosures(map, closures),
    showRoute: (route) => showRoute(map, route),
    showReach: (bands, textOf) => showReach(map, bands, textOf),
    sketching,
    select: (feature) => showSelection(map, feature),
    setLook,
    setAim: (aiming) => container.classList.toggle('aiming', aiming === 'position'),
    ...camera,
    destroy: () => map.remove(),
  }
}

async function click(map: MapLibreMap, event: MapMouseEvent, { onPosition, onResource, onClosure }: OperationsMapOptions): Promise<void> {
  const { x, y } = event.point
  const [feature] = map.queryRenderedFeatures([[x - TOUCH_PX, y - TOUCH_PX], [x + TOUCH_PX, y + TOUCH_PX]], { layers: ['results', 'clusters', 'points'] })
  const resource = typeof feature?.properties.id === 'string' ? feature.properties.id : null
  if (onPosition([event.lngLat.lng, event.lngLat.lat], resource)) return
  if (!feature || feature.geometry.type !== 'Point') {
    const closure = closureAt(map, event.point, 'area')
    if (closure) onClosure(closure)
    return
  }
  const { cluster_id: cluster, id } = feature.properties as { cluster_id?: number; id?: string }
  if (cluster === undefined) {
    if (id) onResource(id)
    return
  }
  const center = feature.geometry.coordinates as LonLat
  try {
    map.easeTo({ center, zoom: await sourceOf(map, 'points').getClusterExpansionZoom(cluster), duration: 400 })
  } catch {
    // The cluster was replaced by a live change between the click and the answer: nothing to open any more.
  }
}

/** Writes what is drawn on the container, for tests and for looking into a wall screen from afar. */
function report(map: MapLibreMap, container: HTMLElement): void {
  const features = map.queryRenderedFeatures({ layers: ['points', 'clusters'] })
  const drawn = features.reduce((sum, f) => sum + (Number(f.properties.point_count) || 1), 0)
  container.dataset.drawn = String(drawn)
  container.dataset.gap = String(map.queryRenderedFeatures({ layers: ['gap-tint'] }).length)
  container.dataset.results = String(map.queryRenderedFeatures({ layers: ['results'] }).length)
  container.dataset.labels = map.queryRenderedFeatures({ layers: ['division-text'] }).map((f) => String(f.properties.name)).join(' ')
  container.dataset.rays = String(map.queryRenderedFeatures({ layers: ['rays'] }).length)
  container.dataset.bounds = map.getBounds().toArray().flat().join(' ')
  container.dataset.ready = 'true'
}

function bindHover(map: MapLibreMap): void {
  for (const layer of ['points', 'clusters', 'results', 'closed-road', 'closed-point', 'closed-area']) {
    map.on('mouseenter', layer, () => map.getCanvasContainer().classList.add('over'))
    map.on('mouseleave', layer, () => map.getCanvasContainer().classList.remove('over'))
  }
}
