import { expect, test } from 'vitest'
import type { Kind, SlimFeature, SlimProperties } from '../src/api/schema'
import { markOf, symbolKey, variantOf } from '../src/map/symbol-key'
import { countLevels, isShown, showAll, shownOf, toggleKind, toggleLevel } from '../src/routes/command/layers/filter'

function feature(kind: Kind, more: Partial<SlimProperties> = {}): SlimFeature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [0, 0] }, properties: { id: 'x', kind, name: 'x', ...more } }
}

test('a resource without a level is counted apart, not left out', () => {
  const counts = countLevels([feature('shelter', { level: 'town' }), feature('shelter'), feature('team', { level: 'town' })])
  expect(counts.shelter).toMatchObject({ town: 1, none: 1, city: 0 })
  expect(counts.team.town).toBe(1)
})

test('hiding a level hides only that level of that kind', () => {
  const before = showAll()
  const filter = toggleLevel(before, 'shelter', 'town')
  expect(isShown(filter, feature('shelter', { level: 'town' }))).toBe(false)
  expect(isShown(filter, feature('shelter', { level: 'village' }))).toBe(true)
  expect(isShown(filter, feature('team', { level: 'town' }))).toBe(true)
  expect(isShown(before, feature('shelter', { level: 'town' }))).toBe(true)
})

test('a kind is all, some or none by the levels that it has', () => {
  const counts = countLevels([feature('shelter', { level: 'town' }), feature('shelter', { level: 'village' })])
  let filter = showAll()
  expect(shownOf(filter, counts, 'shelter')).toBe('all')
  filter = toggleLevel(filter, 'shelter', 'city')
  expect(shownOf(filter, counts, 'shelter')).toBe('all')
  filter = toggleLevel(filter, 'shelter', 'town')
  expect(shownOf(filter, counts, 'shelter')).toBe('some')
  filter = toggleKind(filter, 'shelter')
  expect(shownOf(filter, counts, 'shelter')).toBe('none')
  expect(shownOf(toggleKind(filter, 'shelter'), counts, 'shelter')).toBe('all')
})

test('an unknown status is drawn as unknown, and what is not in service as such', () => {
  expect(variantOf(feature('shelter').properties)).toBe('unknown')
  expect(variantOf(feature('shelter', { status: 'open' }).properties)).toBe('open')
  expect(variantOf(feature('shelter', { status: 'open', lifecycle: 'suspended' }).properties)).toBe('idle')
  expect(variantOf(feature('storage_point', { tier: 3 }).properties)).toBe('3')
  expect(variantOf(feature('team').properties)).toBe('unknown')
})

test('symbols differ by kind, state, level, theme and language', () => {
  const look = { theme: 'dark', lang: 'zh' } as const
  const keys = [
    symbolKey(look, 'shelter', 'open', 'town'), symbolKey(look, 'shelter', 'open', 'city'), symbolKey(look, 'shelter', 'full', 'town'),
    symbolKey(look, 'team', 'open', 'town'), symbolKey({ ...look, theme: 'light' }, 'shelter', 'open', 'town'), symbolKey({ ...look, lang: 'en' }, 'shelter', 'open', 'town'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('what only staff may know of carries a lock, and nothing else does', () => {
  expect([markOf({ visibility: 'operational' }), markOf({ visibility: 'public' }), markOf({})]).toEqual(['lock', '', ''])
  const look = { theme: 'dark', lang: 'zh' } as const
  expect(symbolKey(look, 'shelter', 'open', 'town', 'lock')).not.toBe(symbolKey(look, 'shelter', 'open', 'town'))
})
