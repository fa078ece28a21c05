// Which division a position lies in, for telling somebody who is about to put a pin there. The server has the last word.
import type { Position } from 'geojson'
import type { Division, DivisionLayer, LonLat } from '../api/schema'

/** Returns the smallest division that holds the position, `null` outside of all. */
export function divisionAt(layer: DivisionLayer | null, at: LonLat): Division | null {
  let found: Division | null = null
  for (const { geometry, properties } of layer?.features ?? []) {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    if (!polygons.some((polygon) => holds(polygon, at))) continue
    if (!found || RANK[properties.level] > RANK[found.level]) found = properties
  }
  return found
}

const RANK = { city: 0, district: 1, town: 2, village: 3 } as const

/** True when a position lies in a polygon, outside of its holes (even–odd rule). */
function holds(polygon: Position[][], [x, y]: LonLat): boolean {
  let within = false
  for (const ring of polygon) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [ax = 0, ay = 0] = ring[i] ?? []
      const [bx = 0, by = 0] = ring[j] ?? []
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within
    }
  }
  return within
}
