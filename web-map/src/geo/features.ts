// GeoJSON features from positions, for what is drawn.
import type { Feature, FeatureCollection } from 'geojson'
import type { LonLat } from '../api/schema'

type Properties = Record<string, unknown>

export const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
export const pointAt = (at: LonLat, properties: Properties = {}): Feature => ({ type: 'Feature', properties, geometry: { type: 'Point', coordinates: at } })
export const lineAlong = (coordinates: LonLat[], properties: Properties = {}): Feature => ({ type: 'Feature', properties, geometry: { type: 'LineString', coordinates } })
