import { expect, test } from 'vitest'
import type { ResourceDocument } from '../src/api/schema'
import { overBy, sections } from '../src/routes/command/detail/sections'

const shelter: ResourceDocument = {
  id: 's1', kind: 'shelter', name: '演示场所', status: 'open', capacity: 200, capacity_quality: 'derived', free_places: null, occupied: 0,
  hazards: ['flood', 'typhoon'], accessible: false, pets: null, lon: 121.2, lat: 31.05, observed_at: '2026-01-01T00:00:00+08:00',
  observed: { status: '2026-11-24T03:00:00+08:00', capacity: '2025-05-01T00:00:00+08:00' },
}

function value(doc: ResourceDocument, label: string): string | undefined {
  return sections(doc).flatMap((s) => s.rows).find((r) => r.label === label)?.value
}

test('an unknown figure is a dash and a known zero is a zero', () => {
  expect(value(shelter, '空位')).toBe('—')
  expect(value(shelter, '已入住')).toBe('0')
  expect(value(shelter, '宠物')).toBe('—')
  expect(value(shelter, '无障碍')).toBe('否')
})

test('a fresh status does not make an old capacity fresh', () => {
  const state = sections(shelter)[0]
  expect(state?.observed).toBe('2026-11-24T03:00:00+08:00')
  expect(state?.rows.find((r) => r.label === '容量（人）')?.observed).toBe('2025-05-01T00:00:00+08:00')
})

test('a field without its own time rests on the record', () => {
  const position = sections(shelter).find((s) => s.title === '位置')
  expect(position?.observed).toBe('2026-01-01T00:00:00+08:00')
  expect(sections({ ...shelter, observed: null, observed_at: null }).every((s) => s.observed === null)).toBe(true)
})

test('each kind shows its own sections', () => {
  const titles = (kind: ResourceDocument['kind']) => sections({ id: 'x', kind, name: 'x' }).map((s) => s.title)
  expect(titles('shelter')).toContain('状态与空位')
  expect(titles('team')).toContain('力量')
  expect(titles('storage_point')).toContain('储备')
  expect(titles('site')).toContain('数据来源')
})

test('remarks are shown only when the server sent them', () => {
  expect(value(shelter, '备注')).toBeUndefined()
  expect(value({ ...shelter, remarks: '内部' }, '备注')).toBe('内部')
})

test('more people than places is said, not only shown as no free places', () => {
  expect([overBy({ capacity: 10, occupied: 25 }), overBy({ capacity: 10, occupied: 10 }), overBy({ capacity: null, occupied: 25 })]).toEqual([15, 0, 0])
})
