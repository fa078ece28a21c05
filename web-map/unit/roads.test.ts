import { afterEach, expect, test, vi } from 'vitest'
import { addCorner, drawingOf, emptySketch, geometryOf, isWhole, undoCorner } from '../src/geo/sketch'
import { durationText } from '../src/i18n/roads'
import { waitFor } from '../src/live/turns'
import { palettes } from '../src/map/palette'
import { bandColours } from '../src/map/ramp'
import { closureOf, missingIn, useClosuresTool, type ClosureForm } from '../src/routes/command/tools/closures'
import { readMinutes } from '../src/routes/command/tools/reach'

test('a shape has a geometry once it has the corners that its kind needs, and an area closes its ring', () => {
  let area = emptySketch('area')
  for (const at of [[0, 0], [1, 0], [1, 0]] as [number, number][]) area = addCorner(area, at)
  expect(area.corners).toHaveLength(2)
  expect(geometryOf(area)).toBeNull()
  area = addCorner(area, [1, 1])
  expect(geometryOf(area)).toEqual({ type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] })
  expect(isWhole(undoCorner(area))).toBe(false)
  expect(geometryOf(addCorner(addCorner(emptySketch('point'), [1, 2]), [3, 4]))).toEqual({ type: 'Point', coordinates: [3, 4] })
  expect(drawingOf(emptySketch('line'), [1, 1])).toEqual([])
})

test('minutes are read from any separators, sorted, each once; nonsense and too many are refused', () => {
  expect(readMinutes('15, 5 10；5')).toEqual([5, 10, 15])
  for (const wrong of ['', 'x', '0', '121', '1 2 3 4 5 6 7']) expect(readMinutes(wrong), wrong).toBeNull()
})

test('the next turn of a closure is waited for by the clock of the server', () => {
  expect(waitFor('2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z')).toBe(60_250)
  expect(waitFor('2026-01-01T00:00:00Z', null)).toBeNull()
  expect(waitFor('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toBe(2 ** 31 - 1)
})

test('with a depth it is the depth that says who can not pass', () => {
  const form: ClosureForm = { cause: 'flood', reason: ' 积水 ', profiles: ['car'], depth_cm: 30, until: '2026-07-01T08:00', source: '' }
  expect(closureOf(form)).toEqual({ cause: 'flood', reason: '积水', depth_cm: 30, to: '2026-07-01T00:00:00.000Z' })
  expect(closureOf({ ...form, depth_cm: null, until: '' })).toEqual({ cause: 'flood', reason: '积水', profiles: ['car'] })
  expect(missingIn({ ...form, reason: ' ' })).toBe('needReason')
  expect(missingIn({ ...form, depth_cm: null, profiles: [] })).toBe('needWho')
})

test.each(['light', 'dark'] as const)('bands of the %s map differ in lightness alone, step by step', (theme) => {
  const light = (hex: string) => [1, 3, 5].reduce((sum, i) => sum + parseInt(hex.slice(i, i + 2), 16), 0)
  const steps = bandColours(palettes[theme], 5).map(light)
  const ordered = [...steps].sort((a, b) => (theme === 'light' ? b - a : a - b))
  expect(steps).toEqual(ordered)
  expect(bandColours(palettes[theme], 1)).toEqual([palettes[theme].reach[1]])
})

test('durations are told to the minute', () => {
  expect([20, 90, 3900].map(durationText)).toEqual(['不到 1 分钟', '2 分钟', '1 小时 5 分'])
})

afterEach(() => vi.unstubAllGlobals())

test('a closure is sent again under its key after a break, and under another when anything of it was changed', async () => {
  const keys: (string | null)[] = []
  let works = false
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    keys.push(new Headers(init.headers).get('Idempotency-Key'))
    return works ? Promise.resolve(Response.json({})) : Promise.reject(new TypeError('no network'))
  })
  const tool = useClosuresTool()
  const draw = (at: [number, number]) => tool.drawn(addCorner(emptySketch('point'), at))
  draw([1, 2])
  tool.form.reason = '积水'
  expect([await tool.close(), await tool.close()]).toEqual([false, false])
  expect(keys[0]).toBeTruthy()
  expect(keys[1], 'nothing was changed').toBe(keys[0])
  tool.form.reason = '塌方'
  await tool.close()
  draw([1, 3])
  await tool.close()
  works = true
  expect(await tool.close()).toBe(true)
  // The same told once more is another closure.
  draw([1, 3])
  tool.form.reason = '塌方'
  await tool.close()
  const [first, , other, moved, done, again] = keys
  expect(new Set([first, other, moved, again]).size).toBe(4)
  expect(done).toBe(moved)
})
