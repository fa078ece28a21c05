// Outlines of the symbols: one shape per kind, told apart without colour.
import type { Kind } from '../api/schema'

type Path = [x: number, y: number][]

/** House, square, diamond, shield; unit coordinates around the centre, y down. A site is a circle and has no path. */
const outlines: Record<Exclude<Kind, 'site'>, Path> = {
  shelter: [[0, -1], [1, -0.2], [0.82, -0.2], [0.82, 0.88], [-0.82, 0.88], [-0.82, -0.2], [-1, -0.2]],
  warehouse: [[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]],
  storage_point: [[0, -1.08], [1.08, 0], [0, 1.08], [-1.08, 0]],
  team: [[-0.88, -0.85], [0.88, -0.85], [0.88, 0.15], [0, 1.05], [-0.88, 0.15]],
}

/** Returns the outline of a kind, centred on (x, y). */
export function outline(kind: Kind, x: number, y: number, radius: number): Path2D {
  const path = new Path2D()
  if (kind === 'site') {
    path.arc(x, y, radius * 0.92, 0, Math.PI * 2)
    return path
  }
  outlines[kind].forEach(([dx, dy], i) => {
    if (i === 0) path.moveTo(x + dx * radius, y + dy * radius)
    else path.lineTo(x + dx * radius, y + dy * radius)
  })
  path.closePath()
  return path
}
