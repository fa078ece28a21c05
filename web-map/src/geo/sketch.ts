// A shape being drawn: a point, a line or an area, corner by corner.
//
// Invariant: every step returns a new sketch; only one with enough corners has a geometry.
import type { Feature, Geometry } from 'geojson'
import type { LonLat } from '../api/schema'

export type SketchKind = 'point' | 'line' | 'area'

export interface Sketch {
  kind: SketchKind
  corners: readonly LonLat[]
}

const LEAST: Record<SketchKind, number> = { point: 1, line: 2, area: 3 }

export const emptySketch = (kind: SketchKind): Sketch => ({ kind, corners: [] })

/** The sketch with a corner more; one on the last corner is the same corner again. */
export function addCorner(sketch: Sketch, at: LonLat): Sketch {
  const last = sketch.corners.at(-1)
  if (last && last[0] === at[0] && last[1] === at[1]) return sketch
  return { ...sketch, corners: sketch.kind === 'point' ? [at] : [...sketch.corners, at] }
}

/** The sketch without its last corner. */
export const undoCorner = (sketch: Sketch): Sketch => ({ ...sketch, corners: sketch.corners.slice(0, -1) })

/** True when it has the corners that its kind needs. */
export const isWhole = ({ kind, corners }: Sketch): boolean => corners.length >= LEAST[kind]

/** Returns what is drawn, `null` while corners are missing. An area's ring is closed. */
export function geometryOf(sketch: Sketch): Geometry | null {
  const [first] = sketch.corners
  if (!first || !isWhole(sketch)) return null
  const corners = sketch.corners.map(([lon, lat]): LonLat => [lon, lat])
  if (sketch.kind === 'point') return { type: 'Point', coordinates: first }
  if (sketch.kind === 'line') return { type: 'LineString', coordinates: corners }
  return { type: 'Polygon', coordinates: [[...corners, first]] }
}

/** Returns what to draw of a sketch while the pointer is at `cursor`: corners, the line so far, the area that it would be. */
export function drawingOf(sketch: Sketch, cursor: LonLat | null): Feature[] {
  const path = cursor && sketch.kind !== 'point' && sketch.corners.length > 0 ? [...sketch.corners, cursor] : [...sketch.corners]
  const [first] = path
  const feature = (geometry: Geometry, last = false): Feature => ({ type: 'Feature', properties: { last }, geometry })
  const drawing = sketch.corners.map((at, i) => feature({ type: 'Point', coordinates: at }, i === sketch.corners.length - 1))
  if (first && path.length > 1) drawing.push(feature({ type: 'LineString', coordinates: sketch.kind === 'area' && path.length > 2 ? [...path, first] : path }))
  if (first && sketch.kind === 'area' && path.length > 2) drawing.push(feature({ type: 'Polygon', coordinates: [[...path, first]] }))
  return drawing
}
