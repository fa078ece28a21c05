// What an answer draws over the map: origin, rays and ranks, a circle, gap polygons, the selected resource.
import type { MultiPolygon } from 'geojson'
import type { ExpressionSpecification, Map as MapLibreMap } from 'maplibre-gl'
import type { LonLat, NearestResult, SlimFeature } from '../api/schema'
import { circle } from '../geo/circle'
import { collection, lineAlong, pointAt } from '../geo/features'
import { fillSource, FONT, NOTHING, uiScale } from './engine'
import { fillHatched } from './hatch'
import { palettes } from './palette'
import { nameText, NAMED_SYMBOL, symbolProperties, toPoint } from './points'
import { symbolImage, type Look } from './symbol-key'

export type Ranked = Pick<NearestResult, 'id' | 'kind' | 'name' | 'name_en' | 'lon' | 'lat' | 'level' | 'status' | 'lifecycle' | 'readiness' | 'visibility' | 'duration_s'>

/** Adds what lies under the points: gaps and circles. */
export function addAreas(map: MapLibreMap): void {
  map.addSource('gap', { type: 'geojson', data: NOTHING })
  map.addSource('circle', { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'gap-tint', type: 'fill', source: 'gap', paint: { 'fill-opacity': 0.16 } })
  map.addLayer({ id: 'gap-hatch', type: 'fill', source: 'gap', paint: { 'fill-opacity': 0.75 } })
  map.addLayer({ id: 'gap-edge', type: 'line', source: 'gap', paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.5, 13, 1.4], 'line-opacity': 0.9 } })
  map.addLayer({ id: 'circle-fill', type: 'fill', source: 'circle', paint: { 'fill-opacity': 0.07 } })
  map.addLayer({ id: 'circle-edge', type: 'line', source: 'circle', paint: { 'line-width': 2, 'line-dasharray': [3, 2] } })
}

/** Adds what lies over the points: rays, ranks, origin, selection. The ring lies under them, so that it covers no name. */
export function addMarks(map: MapLibreMap): void {
  for (const id of ['rays', 'ranks', 'origin', 'selection']) map.addSource(id, { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'rays', type: 'line', source: 'rays', paint: { 'line-width': 1.6, 'line-dasharray': [2, 1.5], 'line-opacity': 0.85 } }, 'points')
  map.addLayer({ id: 'selection', type: 'circle', source: 'selection', paint: { 'circle-radius': ['match', ['get', 'level'], 'city', 26, 'district', 22, 17], 'circle-stroke-width': 3 } }, 'points')
  map.addLayer({ id: 'results', type: 'symbol', source: 'ranks', layout: { ...NAMED_SYMBOL, 'icon-size': uiScale(), 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'text-size': 12.5 * uiScale() }, paint: { 'text-halo-width': 1.6 } })
  map.addLayer({ id: 'selection-symbol', type: 'symbol', source: 'selection', layout: { 'icon-size': uiScale(), 'icon-allow-overlap': true, 'icon-ignore-placement': true } })
  map.addLayer({ id: 'origin', type: 'circle', source: 'origin', paint: { 'circle-radius': ['case', ['get', 'crowded'], 3.5, 7], 'circle-stroke-width': ['case', ['get', 'crowded'], 1.5, 3] } })
  map.addLayer({ id: 'ranks', type: 'circle', source: 'ranks', paint: { 'circle-radius': 10.5, 'circle-stroke-width': 1.5, 'circle-translate': [14, -14] } })
  map.addLayer({
    id: 'rank-text', type: 'symbol', source: 'ranks', paint: { 'text-translate': [14, -14] },
    layout: { 'text-field': ['to-string', ['get', 'rank']], 'text-font': FONT, 'text-size': 12.5, 'text-allow-overlap': true, 'text-ignore-placement': true },
  })
}

/** From so many on, marks are small: they must not cover what they are asked for. */
const CROWD = 12

/** Marks the positions that were asked about; none clears the marks. */
export function showOrigins(map: MapLibreMap, origins: readonly LonLat[]): void {
  fillSource(map, 'origin', collection(origins.map((at) => pointAt(at, { crowded: origins.length > CROWD }))))
  map.getContainer().dataset.origins = String(origins.length)
}

/** How much of the other resources is left to see while an answer is shown. */
const BESIDE_AN_ANSWER = 0.3

/**
 * Draws a ray with a rank number to each result and its symbol, which may hide in a cluster below; what is not of the
 * answer steps back. By road there is no ray: nobody goes straight. No results clear all of it.
 */
export function showRays(map: MapLibreMap, origin: LonLat | null, results: readonly Ranked[]): void {
  fillSource(map, 'ranks', collection(results.map((r, i) => pointAt([r.lon, r.lat], { ...symbolProperties(r), ...(r.name_en ? { name_en: r.name_en } : {}), rank: i + 1 }))))
  const opacity = results.length > 0 ? BESIDE_AN_ANSWER : 1
  for (const layer of ['points', 'clusters']) {
    map.setPaintProperty(layer, 'icon-opacity', opacity)
    map.setPaintProperty(layer, 'text-opacity', opacity)
  }
  fillSource(map, 'rays', collection(origin ? results.filter((r) => r.duration_s == null).map((r) => lineAlong([origin, [r.lon, r.lat]])) : []))
}

/** Draws the circle of an around question; none clears it. */
export function showCircle(map: MapLibreMap, centre: LonLat | null, radius_m: number): void {
  fillSource(map, 'circle', centre ? circle(centre, radius_m) : NOTHING)
}

/** Draws the area that no place covers; none clears it. */
export function showGap(map: MapLibreMap, gap: MultiPolygon | null): void {
  fillSource(map, 'gap', gap ?? NOTHING)
}

/** Rings the selected resource and draws its symbol, which may hide in a cluster below; none clears both. */
export function showSelection(map: MapLibreMap, feature: SlimFeature | null): void {
  fillSource(map, 'selection', collection(feature ? toPoint(feature) : []))
}

/** Paints the marks for a theme. */
export function paintOverlays(map: MapLibreMap, look: Look): void {
  const p = palettes[look.theme]
  map.setPaintProperty('gap-tint', 'fill-color', p.gap)
  fillHatched(map, 'gap-hatch', `hatch-${look.theme}`, { colour: p.gap, side: 16, width: 2, rises: 'right' })
  map.setPaintProperty('gap-edge', 'line-color', p.gap)
  map.setPaintProperty('circle-fill', 'fill-color', p.ray)
  map.setPaintProperty('circle-edge', 'line-color', p.ray)
  map.setPaintProperty('rays', 'line-color', p.ray)
  map.setPaintProperty('selection', 'circle-stroke-color', p.ink)
  map.setPaintProperty('selection', 'circle-color', p.land)
  map.setLayoutProperty('selection-symbol', 'icon-image', symbolImage(look) as unknown as ExpressionSpecification)
  map.setLayoutProperty('results', 'icon-image', symbolImage(look) as unknown as ExpressionSpecification)
  map.setLayoutProperty('results', 'text-field', nameText(look) as unknown as ExpressionSpecification)
  map.setPaintProperty('results', 'text-color', p.ink)
  map.setPaintProperty('results', 'text-halo-color', p.halo)
  map.setPaintProperty('origin', 'circle-color', p.ink)
  map.setPaintProperty('origin', 'circle-stroke-color', p.paper)
  map.setPaintProperty('ranks', 'circle-color', p.ink)
  map.setPaintProperty('ranks', 'circle-stroke-color', p.paper)
  map.setPaintProperty('rank-text', 'text-color', p.paper)
}
