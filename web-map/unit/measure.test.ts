import { afterEach, expect, test } from 'vitest'
import { lang } from '../src/i18n/lang'
import { ageOf, ageText, areaText, distanceText, freshnessText, isOld, roundDistanceText, fromShanghai, shanghaiTime } from '../src/i18n/measure'

afterEach(() => {
  lang.value = 'zh'
})

test.each([
  [0, '0 米'], [4, '0 米'], [6, '10 米'], [994, '990 米'], [995, '1.0 公里'], [1234, '1.2 公里'], [99_949, '99.9 公里'], [99_950, '100 公里'], [1_234_567, '1,235 公里'],
])('%d m is written as %s', (metres, text) => {
  expect(distanceText(metres)).toBe(text)
})

test('a round radius has no decimals that nobody measured', () => {
  expect(roundDistanceText(500)).toBe('500 米')
  expect(roundDistanceText(2000)).toBe('2 公里')
})

test.each([
  [0, '刚刚更新'], [59, '刚刚更新'], [60, '1 分钟前更新'], [3599, '59 分钟前更新'], [3 * 3600, '3 小时前更新'], [86_399, '23 小时前更新'],
  [86_400, '1 天前更新'], [59 * 86_400, '59 天前更新'], [60 * 86_400, '2 个月前更新'], [730 * 86_400, '2 年前更新'],
])('an age of %d s reads %s', (age, text) => {
  expect(ageText(age)).toBe(text)
})

test('an unknown age says so and counts as old', () => {
  expect(ageText(null)).toBe('更新时间未知')
  expect(ageText(Number.NaN)).toBe('更新时间未知')
  expect(isOld(null)).toBe(true)
  expect(freshnessText(null)).toBe('更新时间未知')
})

test('a state is old after a day, a survey after a year', () => {
  expect(isOld(86_400)).toBe(false)
  expect(isOld(86_401)).toBe(true)
  expect(isOld(86_401, 'survey')).toBe(false)
  expect(freshnessText(2 * 86_400)).toBe('2 天前更新 · 数据较旧')
  expect(freshnessText(2 * 86_400, 'survey')).toBe('2 天前更新')
})

test('ages and areas read in English too', () => {
  lang.value = 'en'
  expect(freshnessText(3 * 3600)).toBe('updated 3 h ago')
  expect(areaText(1234)).toBe('1,234 m²')
  expect(areaText(3_141_593)).toBe('3.14 km²')
})

test('an age is never below zero, and no time or nonsense has none', () => {
  const now = Date.parse('2026-11-24T03:00:00+08:00')
  expect(ageOf('2026-11-24T02:00:00+08:00', now)).toBe(3600)
  expect(ageOf('2026-11-24T04:00:00+08:00', now)).toBe(0)
  expect(ageOf(null, now)).toBeNull()
  expect(ageOf('yesterday', now)).toBeNull()
})

test('times are shown in Asia/Shanghai whatever the machine says', () => {
  expect(shanghaiTime('2026-11-23T19:17:41Z')).toBe('2026-11-24 03:17:41')
  expect(shanghaiTime(null)).toBe('—')
  expect(shanghaiTime('nonsense')).toBe('—')
})

test('a typed time is Beijing time wherever the browser is', () => {
  expect(fromShanghai('2026-11-24T03:17')).toBe('2026-11-23T19:17:00.000Z')
  expect(fromShanghai('')).toBeNull()
})
