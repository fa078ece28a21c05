// Points on the edge of an area, where its name may stand.
import type { MultiPolygon, Polygon, Position } from 'geojson'
import type { LonLat } from '../api/schema'
import { boxOf } from './extent'

/** North, east, south and west, as steps east and north. */
const SIDES: readonly [east: number, north: number][] = [[0, 1], [1, 0], [0, -1], [-1, 0]]

/**
 * Returns the outermost corners of an area's largest outlines, one to each side; a small part of an area gets none, for
 * its name would cover it. `most` bounds how many outlines are named.
 */
export function edgePoints({ type, coordinates }: Polygon | MultiPolygon, most: number): LonLat[] {
  const outlines = (type === 'Polygon' ? [coordinates] : coordinates).flatMap(([outer]) => (outer && outer.length > 0 ? [{ outer, spread: spreadOf(outer) }] : []))
  const widest = Math.max(0, ...outlines.map(({ spread }) => spread))
  const named = outlines.filter(({ spread }) => spread >= widest / 3).sort((a, b) => b.spread - a.spread).slice(0, most)
  return named.flatMap(({ outer }) => SIDES.map((side) => outermost(outer, side)))
}

/** Degrees from one end of an outline to the other, the longer way. */
function spreadOf(outer: Position[]): number {
  const box = boxOf(outer as LonLat[])
  return box ? Math.max(box[2] - box[0], box[3] - box[1]) : 0
}

function outermost(outer: Position[], [east, north]: readonly [number, number]): LonLat {
  const far = ([lon = 0, lat = 0]: Position) => lon * east + lat * north
  const [lon = 0, lat = 0] = outer.reduce((best, at) => (far(at) > far(best) ? at : best))
  return [lon, lat]
}
