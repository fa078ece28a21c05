// Resource points on the map: one clustered source for all kinds, so that clusters never overlap each other.
//
// Invariant: a live change goes through `updateData`; only a change of filter or a reset replaces the whole source.
import type { Feature, Point } from 'geojson'
import type { ExpressionSpecification, Map as MapLibreMap } from 'maplibre-gl'
import type { SlimFeature, SlimProperties } from '../api/schema'
import { labelPoint } from '../geo/label-point'
import { FONT, NOTHING, sourceOf, uiScale } from './engine'
import { palettes } from './palette'
import { clusterImage, KINDS, levelKey, markOf, symbolImage, variantOf, type Look } from './symbol-key'

/** Above this zoom every resource stands alone. */
export const CLUSTER_ZOOM_MAX = 13
/** Wide enough that two of the largest clusters, of 54 px, do not overlap. */
const CLUSTER_RADIUS_PX = 56

/** How the name of a resource stands under its symbol. */
export const NAMED_SYMBOL = { 'text-font': FONT, 'text-anchor': 'top' as const, 'text-offset': [0, 1.25] as [number, number], 'text-max-width': 9, 'text-optional': true }

/** The expression for the name of a point in the language in use. */
export const nameText = (look: Look): unknown[] => (look.lang === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name']] : ['get', 'name'])

const expression = (parts: unknown[]) => parts as unknown as ExpressionSpecification

/** Adds the source and layers of resource points, empty; up to `clusterZoomMax` neighbours are drawn as one. */
export function addPoints(map: MapLibreMap, clusterZoomMax: number): void {
  const scale = uiScale()
  map.addSource('points', {
    type: 'geojson', data: NOTHING, promoteId: 'id', cluster: true, clusterMaxZoom: clusterZoomMax, clusterRadius: CLUSTER_RADIUS_PX,
    clusterProperties: Object.fromEntries(KINDS.map((kind) => [kind, ['+', ['case', ['==', ['get', 'kind'], kind], 1, 0]]])),
  })
  map.addLayer({
    id: 'points', type: 'symbol', source: 'points', filter: ['!', ['has', 'point_count']],
    layout: {
      'icon-size': scale, 'icon-allow-overlap': true, 'icon-ignore-placement': false,
      ...NAMED_SYMBOL, 'text-size': 12.5 * scale,
    },
    paint: { 'text-halo-width': 1.6 },
  })
  map.addLayer({
    id: 'clusters', type: 'symbol', source: 'points', filter: ['has', 'point_count'],
    layout: {
      'icon-size': scale, 'icon-allow-overlap': true, 'text-allow-overlap': true, 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT,
      'text-size': ['step', ['get', 'point_count'], 12 * scale, 20, 13 * scale, 200, 14 * scale, 5000, 15 * scale],
    },
  })
}

/** Replaces all points. */
export function showPoints(map: MapLibreMap, features: SlimFeature[]): void {
  void sourceOf(map, 'points').setData({ type: 'FeatureCollection', features: features.flatMap(toPoint) })
}

/** Applies a live change: ids that vanish, features that appear or take the place of one with the same id. */
export function patchPoints(map: MapLibreMap, remove: string[], add: SlimFeature[]): void {
  void sourceOf(map, 'points').updateData({ remove, add: add.flatMap(toPoint) })
}

/** Paints the points for a theme and language. */
export function paintPoints(map: MapLibreMap, look: Look): void {
  const p = palettes[look.theme]
  map.setLayoutProperty('points', 'icon-image', expression(symbolImage(look)))
  map.setLayoutProperty('clusters', 'icon-image', expression(clusterImage(look)))
  map.setLayoutProperty('points', 'text-field', expression(['step', ['zoom'], '', CLUSTER_ZOOM_MAX, nameText(look)]))
  map.setPaintProperty('clusters', 'text-color', p.ink)
  map.setPaintProperty('points', 'text-color', p.ink)
  map.setPaintProperty('points', 'text-halo-color', p.halo)
}

/** What a point says of its resource: whose it is and how it is drawn. */
export function symbolProperties(p: SlimProperties): { id: string; kind: string; name: string; level: string; variant: string; mark: string } {
  return { id: p.id, kind: p.kind, name: p.name, level: levelKey(p), variant: variantOf(p), mark: markOf(p) }
}

/** The point that stands for a resource; a footprint is shown by a point inside it. */
export function toPoint(feature: SlimFeature): Feature<Point>[] {
  const at = labelPoint(feature.geometry)
  if (!at) return []
  const { name_en } = feature.properties
  const properties = { ...symbolProperties(feature.properties), ...(name_en ? { name_en } : {}) }
  const { id } = properties
  return [{ type: 'Feature', id, geometry: { type: 'Point', coordinates: at }, properties }]
}
