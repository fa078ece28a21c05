import { expect, test } from 'vitest'
import type { CoverageAnswer, CoverageDivision } from '../src/api/schema'
import { coverageRequest, isTimed, withoutGaps, type CoverageForm } from '../src/routes/command/tools/coverage'
import { cell, percent, rate, reorder, shareOf, sorted, toCsv, type Column } from '../src/routes/command/tools/sort'

const rows: CoverageDivision[] = [
  { code: '310117001', name: 'a', total: 100, covered: 50, uncovered: 50 },
  { code: '310117002', name: 'b', total: 0, covered: 0, uncovered: 0 },
  { code: '310117003', name: 'c', total: 200, covered: 180, uncovered: 20 },
  { code: '310117004', name: 'd', total: 100, covered: 50, uncovered: 50 },
]
const codes = (column: Column, descending: boolean) => sorted(rows, { column, descending }).map((row) => row.code.slice(-1)).join('')

test('rows sort by any number, ties by code', () => {
  expect(codes('uncovered', true)).toBe('1432')
  expect(codes('uncovered', false)).toBe('2314')
  expect(codes('total', true)).toBe('3142')
  expect(codes('name', true)).toBe('4321')
})

test('where nobody lives the rate is unknown and stands last either way', () => {
  expect(codes('rate', true)).toBe('3142')
  expect(codes('rate', false)).toBe('1432')
  expect(rows.map(rate)).toEqual([0.5, null, 0.9, 0.5])
  expect(percent(null)).toBe('—')
  expect(percent(0.12345)).toBe('12.3%')
})

test('people that nobody has counted have no share, stand last and are empty in a file', () => {
  const unknown: CoverageDivision = { code: '310117005', name: 'e', total: null, covered: null, uncovered: null }
  expect([rate(unknown), shareOf(null, 5), shareOf(0, 0)]).toEqual([null, null, null])
  for (const descending of [true, false]) {
    expect(sorted([unknown, ...rows], { column: 'uncovered', descending }).at(-1)?.code).toBe('310117005')
  }
  expect(cell(null)).toBe('')
})

test('no gap is claimed only where it is known that nobody is uncovered', () => {
  const answer = (uncovered: number | null) => ({ population: { total: uncovered, covered: 0, uncovered } }) as CoverageAnswer
  expect(withoutGaps(answer(0))).toBe('noGap')
  expect(withoutGaps(answer(null))).toBe('gapUnknown')
})

test('sorting leaves the answer as it came', () => {
  const before = JSON.stringify(rows)
  codes('rate', true)
  expect(JSON.stringify(rows)).toBe(before)
})

test('choosing a column again turns it round; numbers start with the largest', () => {
  expect(reorder({ column: 'name', descending: false }, 'total')).toEqual({ column: 'total', descending: true })
  expect(reorder({ column: 'total', descending: true }, 'total')).toEqual({ column: 'total', descending: false })
  expect(reorder({ column: 'total', descending: true }, 'name')).toEqual({ column: 'name', descending: false })
})

test('a CSV cell is quoted where needed and is never a formula', () => {
  expect(cell('a,"b"\n')).toBe('"a,""b""\n"')
  expect(cell('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"')
  expect(cell(-5)).toBe('-5')
  expect(toCsv(['名', 'n'], [['佘山镇', 3]])).toBe('\uFEFF名,n\r\n佘山镇,3\r\n')
})

const form: CoverageForm = {
  by: 'air', measure: 'minutes',
  standards: [
    { level: 'city', on: false, distance_m: 5000, minutes: 60 }, { level: 'village', on: true, distance_m: 500, minutes: 8 },
    { level: 'town', on: true, distance_m: 0, minutes: 0 },
  ],
  division: '', hazard: '', openOnly: false, minFree: 0, unknown: 'skip',
}

test('levels that are off or without a distance are not asked about', () => {
  expect(coverageRequest(form)).toEqual({ kinds: ['shelter'], by: 'air', standards: [{ level: 'village', distance_m: 500 }] })
})

test('by road levels are asked about in seconds or in metres, never in both, and a straight line knows no minutes', () => {
  expect(coverageRequest({ ...form, by: 'foot' })).toMatchObject({ by: 'foot', standards: [{ level: 'village', seconds: 480 }] })
  expect(coverageRequest({ ...form, by: 'truck', measure: 'metres' })).toMatchObject({ by: 'truck', standards: [{ level: 'village', distance_m: 500 }] })
  expect(isTimed({ by: 'air', measure: 'minutes' })).toBe(false)
})

test('conditions that were set are asked about', () => {
  expect(coverageRequest({ ...form, division: '310117104', hazard: 'flood', openOnly: true, minFree: 20, unknown: 'count' })).toMatchObject({
    division: '310117104', hazard: 'flood', open: true, capacity_rule: { min_free_places: 20, unknown: 'count' },
  })
})
