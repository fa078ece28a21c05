// Boxes of longitude and latitude.
import type { Geometry } from 'geojson'
import type { LonLat } from '../api/schema'

export type Box = [west: number, south: number, east: number, north: number]

/** The inhabited world, for a store that names no district yet. */
export const WORLD: Box = [-180, -58, 180, 75]

/** True when the point lies in the box; a box whose west exceeds its east crosses the antimeridian. */
export function contains([west, south, east, north]: Box, [lon, lat]: LonLat): boolean {
  if (lat < south || lat > north) return false
  return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east
}

/** True for a finite position on the globe. */
export function isPosition(lon: number, lat: number): boolean {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
}

/** Every position of a geometry. */
export function pointsOf(geometry: Geometry): LonLat[] {
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(pointsOf)
  if (geometry.type === 'Point') return [geometry.coordinates as LonLat]
  return (geometry.coordinates as unknown[]).flat(geometry.type === 'MultiPolygon' ? 2 : geometry.type === 'Polygon' || geometry.type === 'MultiLineString' ? 1 : 0) as LonLat[]
}

/** The smallest box around some points, `null` for none. */
export function boxOf(points: Iterable<LonLat>): Box | null {
  let box: Box | null = null
  for (const [lon, lat] of points) {
    box = box
      ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)]
      : [lon, lat, lon, lat]
  }
  return box
}
