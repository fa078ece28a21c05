import { afterEach, expect, test } from 'vitest'
import { AskError } from '../src/api/problem'
import { explain, half } from '../src/i18n/explain'
import { lang } from '../src/i18n/lang'

afterEach(() => {
  lang.value = 'zh'
})

test('a violation is told by its field, in the language in use', () => {
  const error = new AskError('problem', 422, { violations: [{ field: 'lat', reason: 'range', zh: '超出范围', en: 'out of range' }] })
  expect(explain(error)).toBe('lat: 超出范围')
  lang.value = 'en'
  expect(explain(error)).toBe('lat: out of range')
})

test('a server fault gives the incident number and what to do, and nothing from inside', () => {
  const text = explain(new AskError('problem', 500, { incident: 'a1b2', detail: 'connection refused' }))
  expect(text).toContain('a1b2')
  expect(text).not.toContain('connection')
})

test.each([
  [new AskError('offline', 0), '网络'], [new AskError('problem', 401), '登录'], [new AskError('problem', 404), '不存在'],
  [new AskError('problem', 503), '稍等'], [new AskError('garbled', 200), '重试'], [new Error('x'), 'x'],
])('%s says what to do', (error, part) => {
  expect(explain(error)).toContain(part)
})

test('the half of a bilingual text is the one in use', () => {
  expect(half('输入有误 / Invalid input')).toBe('输入有误')
  lang.value = 'en'
  expect(half('输入有误 / Invalid input')).toBe('Invalid input')
  expect(half('alone')).toBe('alone')
})
