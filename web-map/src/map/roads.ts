// What roads draw over the map: bands of reach, a route, closures, and a shape being drawn.
//
// Invariant: a closed road is told by its form as well as by its colour: white and red by turns, across every style below.
import type { Feature, FeatureCollection } from 'geojson'
import type { ExpressionSpecification, Map as MapLibreMap, PointLike } from 'maplibre-gl'
import type { BandsAnswer, Closure, RouteAnswer } from '../api/roads'
import type { LonLat } from '../api/schema'
import { drawingOf, type Sketch } from '../geo/sketch'
import { fillSource, FONT, NOTHING, uiScale } from './engine'
import { palettes } from './palette'
import { bandColours } from './ramp'
import type { Look } from './symbol-key'

/** A route as it is drawn: the answer, and the two places that it joins. */
export interface DrawnRoute {
  answer: RouteAnswer
  from: LonLat
  to: LonLat
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const line = (coordinates: LonLat[]): Feature => ({ type: 'Feature', properties: { aside: true }, geometry: { type: 'LineString', coordinates } })
const ROUND = { 'line-cap': 'round', 'line-join': 'round' } as const
const HIT_PX = 9

/** Adds the sources and layers, empty: areas under everything of the page, lines right below the resource points. */
export function addRoads(map: MapLibreMap): void {
  for (const id of ['reach', 'closed', 'route', 'sketch']) map.addSource(id, { type: 'geojson', data: NOTHING })
  const scale = uiScale()
  /** From afar a closed district must not be a red blot. */
  const closedWidth = (far: number, near: number): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], 11, far * scale, 15, near * scale]
  map.addLayer({ id: 'reach-fill', type: 'fill', source: 'reach', paint: { 'fill-opacity': 0.42, 'fill-antialias': false } }, 'points')
  map.addLayer({ id: 'reach-edge', type: 'line', source: 'reach', paint: { 'line-width': 1.6 } }, 'points')
  map.addLayer({ id: 'closed-area', type: 'fill', source: 'closed', filter: ['==', ['get', 'part'], 'area'], paint: { 'fill-opacity': 0.7 } }, 'points')
  map.addLayer({ id: 'closed-edge', type: 'line', source: 'closed', filter: ['in', ['get', 'part'], ['literal', ['area', 'line']]], paint: { 'line-width': 1.6, 'line-dasharray': [4, 2] } }, 'points')
  map.addLayer({ id: 'route-case', type: 'line', source: 'route', filter: ['!', ['has', 'aside']], layout: ROUND, paint: { 'line-width': 9 * scale } }, 'points')
  map.addLayer({ id: 'route', type: 'line', source: 'route', filter: ['!', ['has', 'aside']], layout: ROUND, paint: { 'line-width': 5 * scale } }, 'points')
  map.addLayer({ id: 'route-aside', type: 'line', source: 'route', filter: ['has', 'aside'], layout: ROUND, paint: { 'line-width': 3 * scale, 'line-dasharray': [0.2, 2] } }, 'points')
  map.addLayer({ id: 'closed-case', type: 'line', source: 'closed', filter: ['==', ['get', 'part'], 'road'], paint: { 'line-width': closedWidth(3.6, 8) } }, 'points')
  map.addLayer({ id: 'closed-ground', type: 'line', source: 'closed', filter: ['==', ['get', 'part'], 'road'], paint: { 'line-width': closedWidth(2.4, 6), 'line-color': '#ffffff' } }, 'points')
  map.addLayer({ id: 'closed-road', type: 'line', source: 'closed', filter: ['==', ['get', 'part'], 'road'], paint: { 'line-width': closedWidth(2.4, 6), 'line-dasharray': [1.5, 1.5] } }, 'points')
  map.addLayer({ id: 'closed-point', type: 'circle', source: 'closed', filter: ['==', ['get', 'part'], 'point'], paint: { 'circle-radius': 7 * scale, 'circle-stroke-width': 3 * scale, 'circle-color': '#ffffff' } }, 'points')
  map.addLayer({
    id: 'reach-text', type: 'symbol', source: 'reach', paint: { 'text-halo-width': 2 },
    layout: { 'symbol-placement': 'line', 'symbol-spacing': 320, 'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': 12.5 * scale },
  }, 'points')
  map.addLayer({ id: 'sketch-fill', type: 'fill', source: 'sketch', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-opacity': 0.22 } })
  map.addLayer({ id: 'sketch-case', type: 'line', source: 'sketch', filter: ['==', ['geometry-type'], 'LineString'], layout: ROUND, paint: { 'line-width': 6, 'line-color': '#ffffff' } })
  map.addLayer({ id: 'sketch-line', type: 'line', source: 'sketch', filter: ['==', ['geometry-type'], 'LineString'], layout: ROUND, paint: { 'line-width': 3 } })
  map.addLayer({ id: 'sketch-corner', type: 'circle', source: 'sketch', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': ['case', ['get', 'last'], 7, 5], 'circle-stroke-width': 3, 'circle-color': '#ffffff' } })
}

/** Paints them for a theme. */
export function paintRoads(map: MapLibreMap, look: Look): void {
  const p = palettes[look.theme]
  const hatch = `closed-${look.theme}`
  if (!map.hasImage(hatch)) map.addImage(hatch, hatchOf(p.closed), { pixelRatio: 2 })
  map.setPaintProperty('closed-area', 'fill-pattern', hatch)
  for (const id of ['closed-edge', 'closed-case', 'closed-road']) map.setPaintProperty(id, 'line-color', p.closed)
  map.setPaintProperty('closed-point', 'circle-stroke-color', p.closed)
  map.setPaintProperty('route-case', 'line-color', p.routeCase)
  for (const id of ['route', 'route-aside']) map.setPaintProperty(id, 'line-color', p.route)
  map.setPaintProperty('reach-fill', 'fill-color', ['get', look.theme])
  map.setPaintProperty('reach-edge', 'line-color', p.reach[2])
  map.setPaintProperty('reach-text', 'text-color', p.ink)
  map.setPaintProperty('reach-text', 'text-halo-color', p.halo)
  map.setPaintProperty('sketch-fill', 'fill-color', p.closed)
  map.setPaintProperty('sketch-line', 'line-color', p.closed)
  map.setPaintProperty('sketch-corner', 'circle-stroke-color', p.closed)
}

/** Draws the closures that are in force as they shut roads, and those to come as they were drawn. */
export function showClosures(map: MapLibreMap, closures: readonly Closure[]): void {
  fillSource(map, 'closed', collection(closures.flatMap(partsOf)))
  map.getContainer().dataset.closures = String(closures.length)
}

const PARTS: Record<string, string> = { Point: 'point', LineString: 'line', MultiLineString: 'line', Polygon: 'area', MultiPolygon: 'area' }

function partsOf({ id, geometry, properties }: Closure): Feature[] {
  const drawn: Feature = { type: 'Feature', geometry, properties: { id, part: PARTS[geometry.type] ?? 'line' } }
  const roads = properties.closed_roads
  return roads && roads.coordinates.length > 0 ? [drawn, { type: 'Feature', geometry: roads, properties: { id, part: 'road' } }] : [drawn]
}

/** Returns the id of the closure at a point of the screen: on its road or its edge, or anywhere `within` its area. */
export function closureAt(map: MapLibreMap, { x, y }: { x: number; y: number }, within: 'edge' | 'area'): string | null {
  const box: [PointLike, PointLike] = [[x - HIT_PX, y - HIT_PX], [x + HIT_PX, y + HIT_PX]]
  const [hit] = map.queryRenderedFeatures(box, { layers: ['closed-point', 'closed-road', 'closed-edge'] })
  const found = hit ?? (within === 'area' ? map.queryRenderedFeatures([x, y], { layers: ['closed-area'] })[0] : undefined)
  return found ? String(found.properties.id) : null
}

/** Draws a route, with dots from the places to where they meet the roads; none clears it. */
export function showRoute(map: MapLibreMap, route: DrawnRoute | null): void {
  const { answer, from, to } = route ?? {}
  const features: Feature[] = []
  if (answer?.geometry && from && to) {
    features.push({ type: 'Feature', properties: {}, geometry: answer.geometry })
    if (answer.from) features.push(line([from, [answer.from.lon, answer.from.lat]]))
    if (answer.to) features.push(line([[answer.to.lon, answer.to.lat], to]))
  }
  fillSource(map, 'route', collection(features))
  map.getContainer().dataset.route = answer?.length_m == null ? '' : String(Math.round(answer.length_m))
}

/** Draws bands of reach, the largest below, each with its text along the edge; none clears them. */
export function showReach(map: MapLibreMap, bands: BandsAnswer | null, textOf: (seconds: number) => string): void {
  const n = bands?.features.length ?? 0
  const [light, dark] = [bandColours(palettes.light, n), bandColours(palettes.dark, n)]
  const features = (bands?.features ?? []).flatMap(({ geometry, properties }, i): Feature[] => (geometry ? [{
    type: 'Feature', geometry, properties: { light: light[i], dark: dark[i], text: textOf(properties.seconds ?? 0) },
  }] : []))
  fillSource(map, 'reach', collection(features))
  map.getContainer().dataset.reach = String(n)
}

/** Draws a shape in the making. */
export function showSketch(map: MapLibreMap, sketch: Sketch | null, cursor: LonLat | null): void {
  fillSource(map, 'sketch', sketch ? collection(drawingOf(sketch, cursor)) : NOTHING)
}

function hatchOf(colour: string): ImageData {
  const side = 20
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const context = canvas.getContext('2d')
  if (!context) return new ImageData(side, side)
  context.strokeStyle = colour
  context.globalAlpha = 0.65
  context.lineWidth = 2.4
  for (const shift of [-side, 0, side]) {
    context.beginPath()
    context.moveTo(shift - 2, -2)
    context.lineTo(shift + side + 2, side + 2)
    context.stroke()
  }
  return context.getImageData(0, 0, side, side)
}
