// Reads pasted control points of a local grid: one a line, four numbers, separated by blanks, commas or tabs.
import type { ControlPoint } from '../../../api/imports'
import { isPosition } from '../../../geo/extent'

export type Points = { points: ControlPoint[] } | { wrong_line: number }

/** Returns the points, or the number of the first line that is none. Empty lines are skipped. */
export function readPoints(text: string): Points {
  const points: ControlPoint[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const numbers = line.trim().split(/[\s,;\uFF0C]+/).map(Number)
    const [x = NaN, y = NaN, lon = NaN, lat = NaN] = numbers
    if (numbers.length !== 4 || !Number.isFinite(x) || !Number.isFinite(y) || !isPosition(lon, lat)) return { wrong_line: i + 1 }
    points.push({ x, y, lon, lat })
  }
  return { points }
}

/** Points that a model needs at least. */
export const NEEDED = { helmert: 2, affine: 3 } as const
