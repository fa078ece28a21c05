import { expect, test } from 'vitest'
import type { MultiPolygon } from 'geojson'
import { edgePoints } from '../src/geo/edge-points'
import { ORIGINS_MAX, readMinutes, toleranceOf, withOrigin, type Origin } from '../src/routes/command/tools/reach'

const origin = (lon: number): Origin => ({ at: [lon, 31], name: null })

test('an origin is there once, and no more of them than the server takes', () => {
  expect(withOrigin([origin(1)], origin(1))).toHaveLength(1)
  expect(withOrigin([origin(1)], origin(2))).toHaveLength(2)
  const full = Array.from({ length: ORIGINS_MAX }, (_, i) => origin(i))
  expect(withOrigin(full, origin(-1))).toEqual(full)
})

test('minutes are read least first and each once', () => {
  expect(readMinutes('15 5, 10、5')).toEqual([5, 10, 15])
  expect(readMinutes('0')).toBeNull()
  expect(readMinutes('1 2 3 4 5 6 7')).toBeNull()
})

test('areas are drawn closer to the streets on foot than by car, and streets alone the closest', () => {
  expect(toleranceOf('streets', 'car')).toBeLessThan(toleranceOf('areas', 'foot'))
  expect(toleranceOf('areas', 'foot')).toBeLessThan(toleranceOf('areas', 'car'))
})

test('a band is named at the four sides of its large parts', () => {
  const square = (x: number, y: number, side: number) => [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]
  const bands: MultiPolygon = { type: 'MultiPolygon', coordinates: [square(0, 0, 1), square(5, 5, 10), square(20, 0, 4)] }
  const points = edgePoints(bands, 5)
  expect(points).toHaveLength(8)
  expect(points.slice(0, 4)).toEqual([[15, 15], [15, 5], [5, 5], [5, 5]])
  expect(edgePoints(bands, 1)).toHaveLength(4)
  expect(edgePoints({ type: 'MultiPolygon', coordinates: [] }, 3)).toEqual([])
})
