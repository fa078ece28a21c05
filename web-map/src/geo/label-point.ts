// A point well inside a shape, for its label or symbol.
//
// How: the largest outer ring is sampled on a grid and the inside sample farthest from the edge wins. Good to a few
// per cent of the shape's size, which is all a label needs; never used for distances.
import type { Geometry, Position } from 'geojson'
import type { LonLat } from '../api/schema'

const GRID = 24

/** Returns a point inside the geometry (a point is itself), `null` for one without coordinates. */
export function labelPoint(geometry: Geometry): LonLat | null {
  if (geometry.type === 'Point') return pair(geometry.coordinates)
  if (geometry.type === 'Polygon') return inside(geometry.coordinates)
  if (geometry.type !== 'MultiPolygon') return null
  const largest = geometry.coordinates.reduce<Position[][] | null>(
    (best, polygon) => (best === null || size(polygon[0]) > size(best[0]) ? polygon : best), null)
  return largest ? inside(largest) : null
}

function pair(position: Position | undefined): LonLat | null {
  const [lon, lat] = position ?? []
  return lon === undefined || lat === undefined ? null : [lon, lat]
}

function size(ring: Position[] = []): number {
  let twice = 0
  for (let i = 1; i < ring.length; i += 1) {
    const [x1 = 0, y1 = 0] = ring[i - 1] ?? []
    const [x2 = 0, y2 = 0] = ring[i] ?? []
    twice += x1 * y2 - x2 * y1
  }
  return Math.abs(twice / 2)
}

function inside(polygon: Position[][]): LonLat | null {
  const outer = polygon[0]
  if (!outer || outer.length === 0) return null
  const xs = outer.map((p) => p[0] ?? 0)
  const ys = outer.map((p) => p[1] ?? 0)
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  let best: { at: LonLat; edge: number } | null = null
  for (let i = 0.5; i < GRID; i += 1) {
    for (let j = 0.5; j < GRID; j += 1) {
      const at: LonLat = [west + ((east - west) * i) / GRID, south + ((north - south) * j) / GRID]
      const edge = depth(polygon, at)
      if (edge > (best?.edge ?? 0)) best = { at, edge }
    }
  }
  return best?.at ?? pair(outer[0])
}

/** Squared distance to the nearest edge, negative outside. */
function depth(polygon: Position[][], [x, y]: LonLat): number {
  let within = false
  let nearest = Infinity
  for (const ring of polygon) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax = 0, ay = 0] = ring[i - 1] ?? []
      const [bx = 0, by = 0] = ring[i] ?? []
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within
      const [dx, dy] = [bx - ax, by - ay]
      const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      nearest = Math.min(nearest, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2)
    }
  }
  return within ? nearest : -nearest
}
