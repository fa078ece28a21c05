// How far two positions are apart, for showing while a pin moves: what is kept or decided comes from the server's geodesics.
//
// How: great circle on the sphere of mean radius, within 0.6 % of the geodesic.
import type { LonLat } from '../api/schema'

const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Returns the distance in metres. */
export function apart_m([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const a = Math.sin(((lat2 - lat1) * RAD) / 2) ** 2 + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(((lon2 - lon1) * RAD) / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)))
}

/** Moves a position by metres east and north. */
export function nudge([lon, lat]: LonLat, east_m: number, north_m: number): LonLat {
  return [lon + east_m / (EARTH_RADIUS_M * Math.cos(lat * RAD) * RAD), lat + north_m / (EARTH_RADIUS_M * RAD)]
}
