// The base map without tiles: the district's divisions with labels, what is outside dimmed, a graticule.
import type { Feature, FeatureCollection, Position } from 'geojson'
import type { Map as MapLibreMap } from 'maplibre-gl'
import type { DivisionFeature, DivisionLayer } from '../api/schema'
import { graticule } from '../geo/graticule'
import { labelRoom, labelZoom } from '../geo/label-point'
import { fillSource, FONT, NOTHING, uiScale } from './engine'
import { palettes } from './palette'
import type { Look } from './symbol-key'

const WORLD: Position[] = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]

/** Adds the sources and layers of the base map, empty. */
export function addBasemap(map: MapLibreMap): void {
  for (const id of ['divisions', 'mask', 'division-labels', 'graticule']) map.addSource(id, { type: 'geojson', data: NOTHING })
  map.addLayer({ id: 'land', type: 'fill', source: 'divisions', filter: ['!=', ['get', 'level'], 'district'] })
  map.addLayer({ id: 'district-land', type: 'fill', source: 'divisions', filter: ['==', ['get', 'level'], 'district'] }, 'land')
  map.addLayer({ id: 'mask', type: 'fill', source: 'mask' })
  map.addLayer({ id: 'graticule', type: 'line', source: 'graticule', paint: { 'line-width': 0.7 } })
  map.addLayer({ id: 'border', type: 'line', source: 'divisions', filter: ['!=', ['get', 'level'], 'district'], paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.8, 14, 1.6] } })
  map.addLayer({ id: 'district-border', type: 'line', source: 'divisions', filter: ['==', ['get', 'level'], 'district'], paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 1.6, 14, 3.5] } })
  map.addLayer({
    id: 'graticule-text', type: 'symbol', source: 'graticule',
    layout: { 'symbol-placement': 'line', 'symbol-spacing': 500, 'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': 10.5, 'text-offset': [0, -0.7] },
  })
}

/** Where a label may stand: on its point, or above or below a symbol there; in ems from the point. */
const PLACES = ['center', [0, 0], 'top', [0, 1], 'bottom', [0, -1]]
/** In a wide area also beside it, and farther off. */
const WIDE_PLACES = [...PLACES, 'left', [1.2, 0], 'right', [-1.2, 0], 'top', [0, 2.6], 'bottom', [0, -2.6]]
/** An area is wide when a label has room in it this far out: at the zoom of a district there is room beside the point. */
const WIDE_FROM = 8.9

/**
 * Adds the division labels below the symbols. They are placed after them and move up or down, never to the side where
 * the neighbour begins; where there is no room for one it waits for a closer look.
 */
export function addDivisionLabels(map: MapLibreMap): void {
  const scale = uiScale()
  map.addLayer({
    id: 'division-text', type: 'symbol', source: 'division-labels', maxzoom: 14, filter: ['<=', ['get', 'from'], ['+', ['zoom'], 0.5]],
    layout: {
      'text-font': FONT, 'text-size': ['interpolate', ['linear'], ['zoom'], 9, 12 * scale, 13, 16 * scale], 'text-letter-spacing': 0.08, 'text-max-width': 8, 'text-padding': 3,
      'text-variable-anchor-offset': ['case', ['==', ['get', 'wide'], true], ['literal', WIDE_PLACES], ['literal', PLACES]],
    },
    paint: { 'text-halo-width': 1.6 },
  }, 'points')
}

/** Adds the division labels on a small map without symbols: each on its point, where there is room. */
export function addPlainLabels(map: MapLibreMap): void {
  map.addLayer({
    id: 'division-text', type: 'symbol', source: 'division-labels',
    layout: { 'text-font': FONT, 'text-size': 13, 'text-letter-spacing': 0.08, 'text-max-width': 8 }, paint: { 'text-halo-width': 1.6 },
  })
}

/** Shows the divisions. */
export function showDivisions(map: MapLibreMap, layer: DivisionLayer): void {
  const towns = layer.features.filter((f) => f.properties.level !== 'district' && f.properties.level !== 'city')
  const districts = layer.features.filter((f) => f.properties.level === 'district')
  fillSource(map, 'divisions', { ...layer, features: layer.features.map(shaded) })
  fillSource(map, 'mask', mask(districts.length > 0 ? districts : towns))
  fillSource(map, 'division-labels', { type: 'FeatureCollection', features: towns.flatMap(label) })
}

/** Redraws the graticule for what is in view. */
export function showGraticule(map: MapLibreMap): void {
  const b = map.getBounds()
  fillSource(map, 'graticule', graticule([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]))
}

/** Paints the base map for a theme and language. */
export function paintBasemap(map: MapLibreMap, look: Look): void {
  const p = palettes[look.theme]
  map.setPaintProperty('ground', 'background-color', p.outside)
  map.setPaintProperty('district-land', 'fill-color', p.land)
  map.setPaintProperty('land', 'fill-color', ['case', ['==', ['get', 'shade'], 1], p.landOther, p.land])
  map.setPaintProperty('mask', 'fill-color', p.outside)
  map.setPaintProperty('graticule', 'line-color', p.graticule)
  map.setPaintProperty('border', 'line-color', p.border)
  map.setPaintProperty('district-border', 'line-color', p.districtBorder)
  for (const id of ['graticule-text', 'division-text']) {
    map.setPaintProperty(id, 'text-color', p.label)
    map.setPaintProperty(id, 'text-halo-color', p.halo)
  }
  map.setLayoutProperty('division-text', 'text-field', look.lang === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name']] : ['get', 'name'])
}

function shaded(feature: DivisionFeature): Feature {
  return { ...feature, properties: { ...feature.properties, shade: Number(feature.properties.code.slice(-1)) % 2 } }
}

function label({ geometry, properties }: DivisionFeature): Feature[] {
  const room = labelRoom(geometry)
  return room ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: room.at }, properties: { ...properties, from: labelZoom(room, uiScale()), wide: labelZoom(room, uiScale()) <= WIDE_FROM } }] : []
}

/** Everything outside the given areas: the world with their outlines as holes. */
function mask(areas: DivisionFeature[]): FeatureCollection {
  const holes = areas.flatMap(({ geometry }) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flatMap((polygon) => polygon.slice(0, 1)))
  if (holes.length === 0) return { type: 'FeatureCollection', features: [] }
  return { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [WORLD, ...holes] }, properties: {} }] }
}
