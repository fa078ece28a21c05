// What an answer by road draws over the map: bands of reach, a route.
import type { Feature } from 'geojson'
import type { Map as MapLibreMap } from 'maplibre-gl'
import type { BandsAnswer, RouteAnswer } from '../api/roads'
import type { LonLat } from '../api/schema'
import { edgePoints } from '../geo/edge-points'
import { collection, lineAlong, pointAt } from '../geo/features'
import { fillSource, FONT, NOTHING, ROUND, uiScale } from './engine'
import { palettes } from './palette'
import { bandColours } from './ramp'
import type { Look } from './symbol-key'

/** A route as it is drawn: the answer, and the two places that it joins. */
export interface DrawnRoute {
  answer: RouteAnswer
  from: LonLat
  to: LonLat
}

/** Marks the dots from a place to where it meets the roads. */
const ASIDE = { aside: true }

/** Adds the layers, empty: areas under everything of the page, lines right below the resource points. */
export function addRoads(map: MapLibreMap): void {
  for (const id of ['reach', 'reach-names', 'route']) map.addSource(id, { type: 'geojson', data: NOTHING })
  const scale = uiScale()
  map.addLayer({ id: 'reach-fill', type: 'fill', source: 'reach', paint: { 'fill-opacity': 0.36, 'fill-antialias': false } }, 'points')
  map.addLayer({ id: 'reach-edge', type: 'line', source: 'reach', layout: ROUND, paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.5 * scale, 14, 1.2 * scale], 'line-opacity': 0.85 } }, 'points')
  map.addLayer({ id: 'route-case', type: 'line', source: 'route', filter: ['!', ['has', 'aside']], layout: ROUND, paint: { 'line-width': 9 * scale } }, 'points')
  map.addLayer({ id: 'route', type: 'line', source: 'route', filter: ['!', ['has', 'aside']], layout: ROUND, paint: { 'line-width': 5 * scale } }, 'points')
  map.addLayer({ id: 'route-aside', type: 'line', source: 'route', filter: ['has', 'aside'], layout: ROUND, paint: { 'line-width': 3 * scale, 'line-dasharray': [0.2, 2] } }, 'points')
  map.addLayer({
    id: 'reach-text', type: 'symbol', source: 'reach-names', paint: { 'text-halo-width': 2.2 },
    layout: { 'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': 13 * scale, 'text-padding': 6, 'symbol-sort-key': ['get', 'rank'], 'text-overlap': 'never' },
  }, 'points')
}

/** Paints them for a theme. */
export function paintRoads(map: MapLibreMap, { theme }: Look): void {
  const p = palettes[theme]
  map.setPaintProperty('route-case', 'line-color', p.routeCase)
  for (const id of ['route', 'route-aside']) map.setPaintProperty(id, 'line-color', p.route)
  map.setPaintProperty('reach-fill', 'fill-color', ['get', theme])
  map.setPaintProperty('reach-edge', 'line-color', p.reach[2])
  map.setPaintProperty('reach-text', 'text-color', p.ink)
  map.setPaintProperty('reach-text', 'text-halo-color', p.halo)
}

/** Draws a route, with dots from the places to where they meet the roads; none clears it. */
export function showRoute(map: MapLibreMap, route: DrawnRoute | null): void {
  const { answer, from, to } = route ?? {}
  const features: Feature[] = []
  if (answer?.geometry && from && to) {
    features.push({ type: 'Feature', properties: {}, geometry: answer.geometry })
    if (answer.from) features.push(lineAlong([from, [answer.from.lon, answer.from.lat]], ASIDE))
    if (answer.to) features.push(lineAlong([[answer.to.lon, answer.to.lat], to], ASIDE))
  }
  fillSource(map, 'route', collection(features))
  map.getContainer().dataset.route = answer?.length_m == null ? '' : String(Math.round(answer.length_m))
}

/** Outlines of a band that are named, at the most. */
const NAMED_MAX = 12

/** Draws bands of reach, the largest below, each with its text on its edge; none clears them. */
export function showReach(map: MapLibreMap, bands: BandsAnswer | null, textOf: (seconds: number) => string): void {
  const n = bands?.features.length ?? 0
  const [light, dark] = [bandColours(palettes.light, n), bandColours(palettes.dark, n)]
  const features = (bands?.features ?? []).flatMap(({ geometry }, i): Feature[] => (geometry ? [{
    type: 'Feature', geometry, properties: { light: light[i], dark: dark[i] },
  }] : []))
  fillSource(map, 'reach', collection(features))
  fillSource(map, 'reach-names', collection((bands?.features ?? []).flatMap(({ geometry, properties }, rank) => (
    geometry ? edgePoints(geometry, NAMED_MAX).map((at) => pointAt(at, { rank, text: textOf(properties.seconds ?? 0) })) : []))))
  map.getContainer().dataset.reach = String(n)
}
