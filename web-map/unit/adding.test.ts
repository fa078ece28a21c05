import { afterEach, expect, test, vi } from 'vitest'
import { useKey } from '../src/api/key'
import { AskError } from '../src/api/problem'
import type { Kind, ResourceDocument } from '../src/api/schema'
import { asked, documentOf, mintId, provisionalCode } from '../src/routes/data/add/draft'
import { draftsOf, emptyLine, readLines, written } from '../src/routes/data/lines/lines'
import { wrongAt, wrongOf } from '../src/routes/data/violations'

const KINDS: Kind[] = ['shelter', 'warehouse', 'storage_point', 'team', 'site']

test('an id is the one that the server mints from kind and code', () => {
  expect(mintId('storage_point', 'SJ-CB-0001')).toBe('storage-point-SJ-CB-0001')
  // What an import gave these two codes.
  expect(mintId('shelter', '松江一中')).toBe('shelter-x20960faa6b3d610bf6024f5c')
  expect(mintId('shelter', 'A'.repeat(49))).toBe('shelter-xabea679d12a7d63cd943cd89')
})

test('every field of a kind is asked once', () => {
  for (const kind of KINDS) {
    const { first, more } = asked(kind)
    const names = [...first, ...more].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('lifecycle')
    expect(names).not.toContain('name')
  }
})

test('a draft becomes the document to send: what is empty is not sent, what is no number is named', () => {
  const typed = { name: ' 一中 ', code: 'A-1', capacity: '1,200', area_m2: '许多', accessible: 'true', hazards: ['flood'], remarks: '', headcount: '5' }
  const { document, wrong } = documentOf({ kind: 'shelter', typed, at: [121.123456789, 31], division: '310117001000', lists: { contacts: [{ name: '王', role: '', phone: '1' }] } })
  expect(document).toEqual({
    kind: 'shelter', division: '310117001000', name: '一中', code: 'A-1', capacity: 1200, accessible: true, hazards: ['flood'],
    lon: 121.1234568, lat: 31, contacts: [{ name: '王', phone: '1' }],
  })
  expect(wrong).toEqual(['area_m2'])
})

test('a line without anything is no line, one without a name is sent for the server to refuse', () => {
  const drafts = [emptyLine('stock'), { ...emptyLine('stock'), quantity: '12' }]
  expect(written(drafts)).toHaveLength(1)
  expect(readLines('stock', written(drafts))).toEqual({ value: [{ name: '', quantity: 12 }], wrong: [] })
  expect(readLines('stock', [{ ...emptyLine('stock'), name: '水', quantity: '很多' }]).wrong).toEqual(['stock[0].quantity'])
})

test('lines go to text and back without a change', () => {
  const stock = [{ name: '帐篷', quantity: 40, unit: '顶', expires_on: '2027-01-01', reserve_mode: 'physical' }, { name: '水' }]
  expect(readLines('stock', draftsOf('stock', { stock } as unknown as ResourceDocument)).value).toEqual(stock)
})

test('a refusal is told at its fields', () => {
  const violation = (field: string, zh: string) => ({ field, reason: 'x', zh, en: zh })
  const error = new AskError('problem', 422, { violations: [violation('name', '甲'), violation('stock[0].name', '乙'), violation('name', '丙')] })
  expect(wrongOf(error)).toEqual({ name: '甲；丙', 'stock[0].name': '乙' })
  expect(wrongAt(error, 'stock')).toBe('乙')
  expect(wrongAt(error, 'capacity')).toBeNull()
  expect(wrongOf(new Error('offline'))).toEqual({})
})

test('a provisional code carries the day in China and no sign that looks like another', () => {
  expect(provisionalCode(new Date('2026-11-28T17:00:00Z'), () => 0)).toBe('LS-20261129-2222')
  expect(provisionalCode(new Date('2026-11-28T01:00:00Z'), () => 0.999)).toBe('LS-20261128-ZZZZ')
})

afterEach(() => vi.unstubAllGlobals())

test('what is told keeps its name until anything of it changes, also on a page that came over plain HTTP', () => {
  // Such a page is no secure context: it has random numbers, and no `randomUUID`.
  const numbers = crypto.getRandomValues.bind(crypto)
  vi.stubGlobal('crypto', { getRandomValues: numbers })
  const keyOf = useKey()
  const first = keyOf({ id: 'a', why: '' })
  expect(first).toMatch(/^[0-9a-f-]{10,}$/)
  expect(keyOf({ id: 'a', why: '' })).toBe(first)
  const reasoned = keyOf({ id: 'a', why: '新建' })
  expect(reasoned).not.toBe(first)
  keyOf.forget()
  expect(keyOf({ id: 'a', why: '新建' })).not.toBe(reasoned)
})
