import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAnswer } from '../src/api/answer'
import { address } from '../src/api/http'
import { AskError } from '../src/api/problem'
import type { PlaceResult, PlacesAnswer } from '../src/api/schema'
import { createSuggesting, WAIT_MS } from '../src/design/suggest'
import { lang } from '../src/i18n/lang'
import { codeOf, houseOf, matchOf, searchError, toldOf } from '../src/i18n/places'

function place(part: Partial<PlaceResult> = {}): PlaceResult {
  return {
    kind: 'poi', kind_zh: '地点', kind_en: 'point of interest', class: 'station', class_zh: '车站', class_en: 'station', name: '松江站', name_en: 'Songjiang Station',
    position: [121.23, 30.99], distance_m: null, division_name: '岳阳街道', match: 'exact', match_zh: '完全相同', match_en: 'the very name', ...part,
  }
}

/** A server that answers when it is told to, in any order. */
function server() {
  const asked: { q: string; signal: AbortSignal; answer: (...names: string[]) => void }[] = []
  const question = (q: string, signal: AbortSignal) => new Promise<PlacesAnswer>((done, fail) => {
    signal.addEventListener('abort', () => fail(new DOMException('withdrawn', 'AbortError')))
    asked.push({ q, signal, answer: (...names) => done({ revision: 1, places: names.map((name) => place({ name })) }) })
  })
  return { asked, suggesting: createSuggesting(createAnswer<PlacesAnswer>(), question) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  lang.value = 'zh'
})

const wait = () => vi.advanceTimersByTimeAsync(WAIT_MS)

test('quick typing asks once, for what stands at the end', async () => {
  const { asked, suggesting } = server()
  for (const text of ['s', 'so', 'son', ' song ']) suggesting.type(text)
  expect(asked).toHaveLength(0)
  await wait()
  expect(asked.map((a) => a.q)).toEqual(['song'])
})

test('nothing is asked while an input method composes', async () => {
  const { asked, suggesting } = server()
  suggesting.compose(true)
  suggesting.type("song'jiang")
  await wait()
  expect(asked).toHaveLength(0)
  suggesting.type('松江')
  suggesting.compose(false)
  await wait()
  expect(asked.map((a) => a.q)).toEqual(['松江'])
})

test('a newer question withdraws the older one, whose answer is dropped', async () => {
  const { asked, suggesting } = server()
  suggesting.type('sj')
  await wait()
  suggesting.type('sjz')
  await wait()
  expect(asked[0]?.signal.aborted).toBe(true)
  asked[1]?.answer('松江站')
  await wait()
  expect(suggesting.places.value.map((p) => p.name)).toEqual(['松江站'])
})

test('arrows go round the list and Enter takes the active one, or the first', async () => {
  const { asked, suggesting } = server()
  const chosen: string[] = []
  const choose = (p: PlaceResult) => void chosen.push(p.name)
  suggesting.type('sj')
  await wait()
  asked[0]?.answer('松江', '松江站', '松江南站')
  await wait()
  suggesting.enter(choose)
  suggesting.move(-1)
  suggesting.enter(choose)
  suggesting.move(1)
  suggesting.move(1)
  suggesting.enter(choose)
  expect(chosen).toEqual(['松江', '松江南站', '松江站'])
})

test('Enter before the answer waits for it, and takes nothing that answered an older text', async () => {
  const { asked, suggesting } = server()
  const chosen: string[] = []
  const choose = (p: PlaceResult) => void chosen.push(p.name)
  suggesting.type('sj')
  await wait()
  asked[0]?.answer('松江')
  await wait()
  suggesting.type('ft')
  suggesting.enter(choose)
  expect(chosen).toEqual([])
  await wait()
  asked[1]?.answer('方塔路')
  await wait()
  expect(chosen).toEqual(['方塔路'])
  suggesting.type('rm')
  suggesting.enter(choose)
  suggesting.clear()
  await wait()
  expect(asked).toHaveLength(2)
})

test('an empty field has no list and asks nothing', async () => {
  const { asked, suggesting } = server()
  suggesting.type('   ')
  await wait()
  suggesting.enter(() => expect.unreachable())
  suggesting.move(1)
  expect([asked.length, suggesting.active.value]).toEqual([0, -1])
})

test('how a name fits is told only where it does not show, in the language in use', () => {
  expect(matchOf(place())).toBeNull()
  expect(matchOf(place({ match: 'initials', match_zh: '拼音首字母', match_en: 'initials of the pinyin' }))).toBe('拼音首字母')
  lang.value = 'en'
  expect(matchOf(place({ match: 'typo', match_zh: '拼写相近', match_en: 'nearly so spelled' }))).toBe('nearly so spelled')
})

test('a place is told apart by what it is, where it lies, and which house it is', () => {
  expect(toldOf(place())).toBe('车站 · 岳阳街道')
  expect(toldOf(place({ kind: 'crossing', kind_zh: '路口', class: 'crossing', class_zh: null, division_name: null }))).toBe('路口')
  const house = place({ kind: 'address', kind_zh: '门牌', class_zh: null, house: 'lower', house_zh: '较小的最近门牌', house_en: 'the nearest lower number' })
  expect(toldOf(house)).toBe('门牌 · 较小的最近门牌 · 岳阳街道')
  expect(houseOf({ ...house, house: 'same' })).toBeNull()
  lang.value = 'en'
  expect(toldOf(place({ class: 'wayside_shrine', class_zh: null, class_en: null }))).toBe('point of interest · 岳阳街道')
})

test('a division that the address begins with is not said twice', () => {
  const shelter = place({ kind: 'resource', class_zh: '应急避难场所', division_name: '岳阳街道', address: '岳阳街道示例路385号' })
  expect(toldOf(shelter)).toBe('应急避难场所 · 岳阳街道示例路385号')
  expect(toldOf({ ...shelter, address: '示例路385号' })).toBe('应急避难场所 · 岳阳街道 · 示例路385号')
})

test('a code is told where it was typed, dash or not, and not where letters mean a name', () => {
  const shelter = place({ kind: 'resource', code: 'SJ-BN-0042' })
  for (const typed of ['SJ-', 'sj-bn', 'SJ－BN', '0042', 'sjbn0042', ' sj-bn-00']) expect(codeOf(shelter, typed), typed).toBe('SJ-BN-0042')
  for (const typed of ['sj', 'SJBN', '7', '-', '', '岳阳']) expect(codeOf(shelter, typed), typed).toBeNull()
  expect(codeOf(place(), 'SJ-')).toBeNull()
})

test('what is wrong with what was typed is told without the name of the parameter', () => {
  const violation = { field: 'q', reason: 'not_a_number', zh: '“NaN,31”像一对坐标', en: '`NaN,31` looks like coordinates' }
  const wrong = new AskError('problem', 400, { violations: [violation] })
  expect(searchError(wrong)).toBe('“NaN,31”像一对坐标')
  lang.value = 'en'
  expect(searchError(wrong)).toBe('`NaN,31` looks like coordinates')
  expect(searchError(new AskError('problem', 400, { violations: [{ ...violation, field: 'near' }] }))).toContain('near')
  expect(searchError(new AskError('offline', 0))).not.toBe('')
})

test('the question leaves out what was not asked', () => {
  const asked = new URLSearchParams(address('/api/places', { q: '人民路 & 乐都路', lon: undefined, lat: undefined, limit: 10, kind: undefined }).split('?')[1])
  expect(Object.fromEntries(asked)).toEqual({ q: '人民路 & 乐都路', limit: '10' })
})
