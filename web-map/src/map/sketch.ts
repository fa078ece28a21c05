// A shape being drawn by hand, as it stands on the map.
import type { Map as MapLibreMap } from 'maplibre-gl'
import type { LonLat } from '../api/schema'
import { collection } from '../geo/features'
import { drawingOf, type Sketch } from '../geo/sketch'
import { fillSource, NOTHING, ROUND } from './engine'
import { palettes } from './palette'
import type { Look } from './symbol-key'

/** Adds the layers, empty, over everything. */
export function addSketch(map: MapLibreMap): void {
  map.addSource('sketch', { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'sketch-fill', type: 'fill', source: 'sketch', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-opacity': 0.22 } })
  map.addLayer({ id: 'sketch-case', type: 'line', source: 'sketch', filter: ['==', ['geometry-type'], 'LineString'], layout: ROUND, paint: { 'line-width': 6, 'line-color': '#ffffff' } })
  map.addLayer({ id: 'sketch-line', type: 'line', source: 'sketch', filter: ['==', ['geometry-type'], 'LineString'], layout: ROUND, paint: { 'line-width': 3 } })
  map.addLayer({ id: 'sketch-corner', type: 'circle', source: 'sketch', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': ['case', ['get', 'last'], 7, 5], 'circle-stroke-width': 3, 'circle-color': '#ffffff' } })
}

/** Paints it for a theme. */
export function paintSketch(map: MapLibreMap, { theme }: Look): void {
  const { closed } = palettes[theme]
  map.setPaintProperty('sketch-fill', 'fill-color', closed)
  map.setPaintProperty('sketch-line', 'line-color', closed)
  map.setPaintProperty('sketch-corner', 'circle-stroke-color', closed)
}

/** Draws a shape in the making. */
export function showSketch(map: MapLibreMap, sketch: Sketch | null, cursor: LonLat | null): void {
  fillSource(map, 'sketch', sketch ? collection(drawingOf(sketch, cursor)) : NOTHING)
}
