// A circle around a point as a polygon, for drawing only: numbers come from the server's geodesics.
import type { Polygon } from 'geojson'
import type { LonLat } from '../api/schema'

const EARTH_RADIUS_M = 6_371_008.8
const CORNERS = 96
const RAD = Math.PI / 180

/** Returns the point at a bearing (radians, clockwise from north) and distance, on the sphere. */
export function destination([lon, lat]: LonLat, bearing: number, distance_m: number): LonLat {
  const angle = distance_m / EARTH_RADIUS_M
  const lat1 = lat * RAD
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(angle) + Math.cos(lat1) * Math.sin(angle) * Math.cos(bearing))
  const turn = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(lat1), Math.cos(angle) - Math.sin(lat1) * Math.sin(lat2))
  return [lon + turn / RAD, lat2 / RAD]
}

/** Returns the circle, closed and counter-clockwise. */
export function circle(centre: LonLat, radius_m: number): Polygon {
  const ring: LonLat[] = []
  for (let i = 0; i <= CORNERS; i += 1) ring.push(destination(centre, -(i % CORNERS) * ((2 * Math.PI) / CORNERS), radius_m))
  return { type: 'Polygon', coordinates: [ring] }
}
