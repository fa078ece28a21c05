import { expect, test } from 'vitest'
import type { SlimProperties } from '../src/api/schema'
import type { ResourceDocument } from '../src/api/schema'
import { apart_m, nudge } from '../src/geo/apart'
import { divisionAt } from '../src/geo/inside'
import { readCell, same, writeCell } from '../src/routes/data/tables/cell'
import { columnsOf, confidenceOf, fieldsOf, observedAt } from '../src/routes/data/tables/columns'
import { AGE, NO_FILTER, stem, viewOf, windowOf } from '../src/routes/data/tables/view'
import { partOf, rightFor, SECTIONS } from '../src/routes/data/sections'

const shelter = (id: string, more: Partial<ResourceDocument> = {}): ResourceDocument => ({ id, kind: 'shelter' as SlimProperties['kind'], name: id, ...more })

test('a number typed with a full-width digit, a comma or blanks is that number, and nothing typed is unknown', () => {
  expect(readCell('whole', ' １,200 ')).toEqual({ value: 1200 })
  expect(readCell('whole', '')).toEqual({ value: null })
  expect(readCell('number', '12.5')).toEqual({ value: 12.5 })
})

test('what is no number is told before it is sent', () => {
  expect(readCell('whole', '120人')).toEqual({ wrong: true })
  expect(readCell('whole', '-1')).toEqual({ wrong: true })
  expect(readCell('whole', '1.5')).toEqual({ wrong: true })
})

test('a cell reads back what it was given', () => {
  for (const [form, value] of [['text', '佘山'], ['whole', 120], ['flag', true], ['flag', null], ['words', ['flood', 'fire']]] as const) {
    expect(readCell(form, writeCell(value))).toEqual({ value })
  }
  expect(same(undefined, null)).toBe(true)
  expect(same(0, null)).toBe(false)
})

test('unknown values come last whichever way a column is sorted', () => {
  const rows = [shelter('a', { capacity: null }), shelter('b', { capacity: 5 }), shelter('c', { capacity: 90 })]
  const ids = (rising: boolean) => viewOf(rows, NO_FILTER, { column: 'capacity', rising }).map((r) => r.id)
  expect(ids(true)).toEqual(['b', 'c', 'a'])
  expect(ids(false)).toEqual(['c', 'b', 'a'])
})

test('a town holds its villages, a filter by level keeps the unlevelled apart, and words are searched together', () => {
  const rows = [
    shelter('a', { division: '310117103201', level: 'village', name: '示例小学' }),
    shelter('b', { division: '310117104000', level: 'town', name: '示例中学', address: '车墩镇' }),
  ]
  const order = { column: 'name', rising: true }
  expect(viewOf(rows, { ...NO_FILTER, division: '310117103000' }, order).map((r) => r.id)).toEqual(['a'])
  expect(viewOf(rows, { ...NO_FILTER, level: 'town' }, order).map((r) => r.id)).toEqual(['b'])
  expect(viewOf(rows, { ...NO_FILTER, q: '中学 车墩' }, order).map((r) => r.id)).toEqual(['b'])
  expect(stem('310117000000')).toBe('310117')
})

test('the oldest record comes first when ages rise', () => {
  const rows = [shelter('new', { observed_at: '2026-05-01T00:00:00Z' }), shelter('old', { observed_at: '2020-05-01T00:00:00Z' })]
  expect(viewOf(rows, NO_FILTER, { column: AGE, rising: true }).map((r) => r.id)).toEqual(['old', 'new'])
})

test('only rows in view are drawn, never beyond the ends', () => {
  expect(windowOf(0, 400, 40, 5)).toEqual({ from: 0, until: 5 })
  const { from, until } = windowOf(4000, 400, 40, 20_000)
  expect(from).toBeLessThanOrEqual(100)
  expect(until).toBeGreaterThanOrEqual(110)
  expect(until - from).toBeLessThan(40)
})

test('each kind has its own columns, and what answers add is not edited', () => {
  expect(columnsOf('team').map((c) => c.name)).not.toContain('capacity')
  expect(columnsOf('shelter').find((c) => c.name === 'free_places')?.editable).toBe(false)
  expect(fieldsOf('site').every((f) => f.kinds === 'all' || f.kinds.includes('site'))).toBe(true)
})

test('a field rests on its own observation, else on that of the record', () => {
  const doc = shelter('a', { observed: { status: '2026-02-01T00:00:00Z', record: '2026-01-01T00:00:00Z' } })
  expect(observedAt(doc, 'status')).toBe('2026-02-01T00:00:00Z')
  expect(observedAt(doc, 'capacity')).toBe('2026-01-01T00:00:00Z')
  expect(confidenceOf(doc, 'status')).toBeNull()
})

test('a section that nobody knows shows the tables, and each section names its right', () => {
  expect(partOf('nonsense')).toBe('tables')
  expect(rightFor(partOf('feeds'))).toBe('keep_feeds')
  expect(rightFor('me')).toBeNull()
  expect(new Set(SECTIONS.map((s) => s.id)).size).toBe(SECTIONS.length)
})

const square = (west: number, code: string, level: 'district' | 'town') => ({
  type: 'Feature' as const, properties: { code, name: code, level },
  geometry: { type: 'Polygon' as const, coordinates: [[[west, 31], [west + 1, 31], [west + 1, 32], [west, 32], [west, 31]]] },
})

test('a position is told the smallest division that holds it, and none outside of all', () => {
  const layer = { type: 'FeatureCollection' as const, revision: 1, features: [square(121, 'd', 'district'), square(121, 't', 'town')] }
  expect(divisionAt(layer, [121.5, 31.5])?.code).toBe('t')
  expect(divisionAt(layer, [123, 31.5])).toBeNull()
  expect(divisionAt(null, [121.5, 31.5])).toBeNull()
})

test('a step of the arrow keys is as long as it says', () => {
  const at: [number, number] = [121.2, 31.02]
  expect(apart_m(at, nudge(at, 20, 0))).toBeCloseTo(20, 1)
  expect(apart_m(at, nudge(at, 0, -2))).toBeCloseTo(2, 2)
  expect(apart_m(at, at)).toBe(0)
})
