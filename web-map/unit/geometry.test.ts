import { expect, test } from 'vitest'
import { circle, destination } from '../src/geo/circle'
import { boxOf, contains, isPosition } from '../src/geo/extent'
import { graticule, stepFor } from '../src/geo/graticule'
import { labelPoint, labelRoom, labelZoom } from '../src/geo/label-point'

const RAD = Math.PI / 180

function haversine_m([lon1, lat1]: number[], [lon2, lat2]: number[]): number {
  const [a1 = 0, a2 = 0, o1 = 0, o2 = 0] = [lat1, lat2, lon1, lon2].map((v) => (v ?? 0) * RAD)
  const h = Math.sin((a2 - a1) / 2) ** 2 + Math.cos(a1) * Math.cos(a2) * Math.sin((o2 - o1) / 2) ** 2
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h))
}

test('every corner of a circle lies at its radius, and the ring is closed and counter-clockwise', () => {
  const ring = circle([121.22, 31.03], 1500).coordinates[0] ?? []
  for (const corner of ring) expect(haversine_m([121.22, 31.03], corner)).toBeCloseTo(1500, 3)
  expect(ring.at(0)).toEqual(ring.at(-1))
  const twice = ring.slice(1).reduce((sum, [x = 0, y = 0], i) => sum + (ring[i]?.[0] ?? 0) * y - x * (ring[i]?.[1] ?? 0), 0)
  expect(twice).toBeGreaterThan(0)
})

test('north is up and east is right', () => {
  expect(destination([121, 31], 0, 1000)[1]).toBeGreaterThan(31)
  expect(destination([121, 31], Math.PI / 2, 1000)[0]).toBeGreaterThan(121)
})

test('a box that crosses the antimeridian contains both of its sides', () => {
  expect(contains([170, -10, -170, 10], [175, 0])).toBe(true)
  expect(contains([170, -10, -170, 10], [-175, 0])).toBe(true)
  expect(contains([170, -10, -170, 10], [0, 0])).toBe(false)
  expect(contains([121, 30.8, 121.5, 31.2], [121.2, 31.3])).toBe(false)
})

test('boxes hold their points, and no points have no box', () => {
  expect(boxOf([[121, 31], [120, 32]])).toEqual([120, 31, 121, 32])
  expect(boxOf([])).toBeNull()
})

test('only finite degrees on the globe are a position', () => {
  expect(isPosition(121, 31)).toBe(true)
  expect(isPosition(31, 121)).toBe(false)
  expect(isPosition(Number.NaN, 0)).toBe(false)
  expect(isPosition(Infinity, 0)).toBe(false)
})

test('a label stands inside a shape whose centre is outside of it', () => {
  const horseshoe = [[0, 0], [10, 0], [10, 10], [8, 10], [8, 2], [2, 2], [2, 10], [0, 10], [0, 0]]
  const [x, y] = labelPoint({ type: 'Polygon', coordinates: [horseshoe] }) ?? [5, 5]
  expect(x < 2 || x > 8 || y < 2).toBe(true)
})

const box = (x: number, y: number, side: number) => [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]

test('a label waits for the zoom at which it has room in its area', () => {
  const side = (deg: number) => labelRoom({ type: 'Polygon', coordinates: [box(121, 31, deg)] })
  const [small, large] = [side(0.02), side(0.2)].map((room) => (room ? labelZoom(room, 1) : NaN))
  expect(small).toBeGreaterThan(10.5)
  expect(large).toBeLessThan(9)
  // A square in degrees is narrower on the ground; at 60° by half.
  expect(labelRoom({ type: 'Polygon', coordinates: [box(0, 60, 0.2)] })?.room_deg).toBeCloseTo(0.05, 2)
})

test('a label avoids holes and takes the largest part', () => {
  const square = (x: number, y: number, side: number) => [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
  const [x, y] = labelPoint({ type: 'MultiPolygon', coordinates: [[square(50, 50, 1)], [square(0, 0, 10), square(3, 3, 4)]] }) ?? [5, 5]
  expect(x >= 0 && x <= 10 && y >= 0 && y <= 10).toBe(true)
  expect(x > 3 && x < 7 && y > 3 && y < 7).toBe(false)
  expect(labelPoint({ type: 'Point', coordinates: [1, 2] })).toEqual([1, 2])
  expect(labelPoint({ type: 'MultiPolygon', coordinates: [] })).toBeNull()
})

test('the graticule never draws more than a handful of lines, at any zoom', () => {
  for (const span of [0.001, 0.01, 0.3, 4, 90, 360]) {
    const lines = graticule([121, 31, 121 + span, Math.min(89, 31 + span)]).features
    expect(lines.length, `span ${span}`).toBeLessThanOrEqual(26)
  }
  expect(stepFor(0.4)).toBe(0.05)
  expect(graticule([121.1, 31, 121.4, 31.2]).features.map((f) => f.properties.text)).toContain('121.20°E')
})

test('an area of half a million corners has its label, and room for it', () => {
  const corners = 500_000
  const ring = Array.from({ length: corners + 1 }, (_, i) => {
    const angle = (2 * Math.PI * (i % corners)) / corners
    return [10 + Math.cos(angle), Math.sin(angle)]
  })
  const began = performance.now()
  const room = labelRoom({ type: 'Polygon', coordinates: [ring] })
  expect(performance.now() - began, 'the page does not stand still for it').toBeLessThan(2000)
  expect(room?.at[0]).toBeCloseTo(10, 0)
  expect(room?.room_deg).toBeGreaterThan(0.9)
})
