// A point well inside a shape, for its label or symbol.
//
// How: the largest outer ring is sampled on a grid and the inside sample farthest from the edge wins. Good to a few
// per cent of the shape's size, which is all a label needs; never used for distances. Longitude is shrunk by the cosine
// of the latitude, as the map draws it. Of a ring of very many corners every few are looked at: the page must not stand
// still for a label.
import type { Geometry, Position } from 'geojson'
import type { LonLat } from '../api/schema'

const GRID = 24

/** Corners of a ring that are looked at, at most. */
const CORNERS_MAX = 2000

/** A point, and how much room there is around it: degrees of latitude to the nearest edge, none for a point. */
export interface Room {
  at: LonLat
  room_deg: number
}

/** Returns a point inside the geometry (a point is itself), `null` for one without coordinates. */
export function labelPoint(geometry: Geometry): LonLat | null {
  return labelRoom(geometry)?.at ?? null
}

/** Returns the point inside the geometry that is farthest from its edge, and how far that is. */
export function labelRoom(geometry: Geometry): Room | null {
  if (geometry.type === 'Point') return bare(geometry.coordinates)
  if (geometry.type === 'Polygon') return inside(geometry.coordinates)
  if (geometry.type !== 'MultiPolygon') return null
  const largest = geometry.coordinates.reduce<Position[][] | null>(
    (best, polygon) => (best === null || size(polygon[0]) > size(best[0]) ? polygon : best), null)
  return largest ? inside(largest) : null
}

/** Half of what a label needs from top to bottom to stand in its area, moved beside a symbol, CSS pixels. */
const LABEL_ROOM_PX = 26
const TILE_PX = 512

/**
 * Returns the zoom from which a label has room within its area: a degree of latitude is as many pixels as one of
 * longitude, divided by the cosine of the latitude.
 */
export function labelZoom({ at: [, lat], room_deg }: Room, scale: number): number {
  if (room_deg <= 0) return 0
  const pixels = (room_deg * TILE_PX) / 360 / Math.cos((lat * Math.PI) / 180)
  return Math.log2((LABEL_ROOM_PX * scale) / pixels)
}

function bare(position: Position | undefined): Room | null {
  const at = pair(position)
  return at && { at, room_deg: 0 }
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

/** Returns a ring of at most so many corners as are looked at; it ends where it did. */
function thinned(ring: Position[]): Position[] {
  const step = Math.ceil(ring.length / CORNERS_MAX)
  return step <= 1 ? ring : ring.filter((_, i) => i % step === 0 || i === ring.length - 1)
}

function inside(whole: Position[][]): Room | null {
  const polygon = whole.map(thinned)
  const outer = polygon[0]
  if (!outer || outer.length === 0) return null
  const [west, east] = span(outer, 0)
  const [south, north] = span(outer, 1)
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180)
  let best: { at: LonLat; edge: number } | null = null
  for (let i = 0.5; i < GRID; i += 1) {
    for (let j = 0.5; j < GRID; j += 1) {
      const at: LonLat = [west + ((east - west) * i) / GRID, south + ((north - south) * j) / GRID]
      const edge = depth(polygon, at, shrink)
      if (edge > (best?.edge ?? 0)) best = { at, edge }
    }
  }
  return best ? { at: best.at, room_deg: Math.sqrt(best.edge) } : bare(outer[0])
}

/** The least and the greatest number of a ring along an axis. */
function span(ring: Position[], axis: 0 | 1): [number, number] {
  const numbers = ring.map((position) => position[axis] ?? 0)
  return [Math.min(...numbers), Math.max(...numbers)]
}

/** Squared distance to the nearest edge in degrees of latitude, negative outside; `shrink` is that of a degree of longitude. */
function depth(polygon: Position[][], [x, y]: LonLat, shrink: number): number {
  let within = false
  let nearest = Infinity
  for (const ring of polygon) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax = 0, ay = 0] = ring[i - 1] ?? []
      const [bx = 0, by = 0] = ring[i] ?? []
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within
      const [dx, dy] = [(bx - ax) * shrink, by - ay]
      const px = (x - ax) * shrink
      const t = Math.max(0, Math.min(1, (px * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      nearest = Math.min(nearest, (px - t * dx) ** 2 + (y - ay - t * dy) ** 2)
    }
  }
  return within ? nearest : -nearest
}
