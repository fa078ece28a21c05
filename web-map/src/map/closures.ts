// Standing closures on a map: the roads that they shut, and the shape that was drawn.
//
// Invariant: a closed road is told by its form as well as by its colour: white and red by turns, across every style below.
import type { Feature } from 'geojson'
import type { ExpressionSpecification, Map as MapLibreMap, PointLike } from 'maplibre-gl'
import type { Closure } from '../api/roads'
import { collection } from '../geo/features'
import { fillSource, NOTHING, uiScale } from './engine'
import { fillHatched } from './hatch'
import { palettes } from './palette'
import type { Look } from './symbol-key'

const HIT_PX = 9

/** Adds the layers, empty: areas beneath a route, roads beneath the text and the resource points, where a map has these. */
export function addClosures(map: MapLibreMap): void {
  const beneath = (...ids: string[]) => ids.find((id) => map.getLayer(id))
  const [areas, roads] = [beneath('route-case', 'points'), beneath('reach-text', 'points')]
  const scale = uiScale()
  const part = (...parts: string[]): ExpressionSpecification => ['in', ['get', 'part'], ['literal', parts]]
  /** From afar a closed district must not be a red blot. */
  const width = (far: number, near: number): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], 9.5, far * scale * 0.35, 12, far * scale, 15, near * scale]
  map.addSource('closed', { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'closed-area', type: 'fill', source: 'closed', filter: part('area'), paint: { 'fill-opacity': 0.7 } }, areas)
  map.addLayer({ id: 'closed-edge', type: 'line', source: 'closed', filter: part('area', 'line'), paint: { 'line-width': 1.6, 'line-dasharray': [4, 2] } }, areas)
  map.addLayer({ id: 'closed-case', type: 'line', source: 'closed', filter: part('road'), paint: { 'line-width': width(3.6, 8) } }, roads)
  map.addLayer({ id: 'closed-ground', type: 'line', source: 'closed', filter: part('road'), paint: { 'line-width': width(2.4, 6), 'line-color': '#ffffff' } }, roads)
  map.addLayer({ id: 'closed-road', type: 'line', source: 'closed', filter: part('road'), paint: { 'line-width': width(2.4, 6), 'line-dasharray': [1.5, 1.5] } }, roads)
  map.addLayer({ id: 'closed-point', type: 'circle', source: 'closed', filter: part('point'), paint: { 'circle-radius': 7 * scale, 'circle-stroke-width': 3 * scale, 'circle-color': '#ffffff' } }, roads)
}

/** Paints them for a theme. */
export function paintClosures(map: MapLibreMap, { theme }: Look): void {
  const { closed } = palettes[theme]
  fillHatched(map, 'closed-area', `closed-${theme}`, { colour: closed, side: 20, width: 2.4, rises: 'left', opacity: 0.65 })
  for (const id of ['closed-edge', 'closed-case', 'closed-road']) map.setPaintProperty(id, 'line-color', closed)
  map.setPaintProperty('closed-point', 'circle-stroke-color', closed)
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
