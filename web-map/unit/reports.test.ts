import { afterEach, expect, test, vi } from 'vitest'
import { AskError } from '../src/api/problem'
import type { ResourceDocument } from '../src/api/schema'
import { explainStaff, missingRight } from '../src/i18n/denied'
import { fieldName } from '../src/i18n/field-names'
import { lang } from '../src/i18n/lang'
import { confidenceText } from '../src/i18n/measure'
import { valueText } from '../src/i18n/values'
import { changeLines } from '../src/routes/data/changes'
import { oneTimeLink } from '../src/routes/data/accounts/link'
import { everyText } from '../src/routes/data/feeds/every'
import { deadlineText, isOverdue } from '../src/routes/data/inbox/deadline'
import { patchOf, present } from '../src/routes/data/inbox/remedy'
import { toldOf } from '../src/routes/data/tables/edits'
import { fitted } from '../src/routes/report/photo'
import { fault } from '../src/routes/setup/password'
import { wayBack } from '../src/routes/signin/way-back'

afterEach(() => {
  lang.value = 'zh'
  vi.unstubAllGlobals()
})

const HOUR_MS = 3_600_000
const doc: ResourceDocument = { id: 's', kind: 'shelter', name: '甲', capacity: 100, address: '旧址', lifecycle: 'in_service', contacts: [{ name: '张', phone: '1' }, { name: '李', phone: '2' }] }
const untouched = { usePosition: false, lifecycle: '', values: { address: '旧址', phone: '1', capacity: '100' } }

test('what was left as it is does not appear in the patch', () => {
  expect(patchOf(doc, {}, untouched)).toEqual({})
})

test('an accepted position, a lifecycle and a figure become one patch', () => {
  const remedy = { usePosition: true, lifecycle: 'suspended', values: { capacity: '300' } }
  expect(patchOf(doc, { lon: 121.2, lat: 31 }, remedy)).toEqual({ lon: 121.2, lat: 31, lifecycle: 'suspended', capacity: 300 })
})

test('a new phone number changes the first contact and keeps the others', () => {
  expect(patchOf(doc, {}, { ...untouched, values: { phone: '9' } })).toEqual({ contacts: [{ name: '张', phone: '9' }, { name: '李', phone: '2' }] })
  expect(present(doc, 'phone')).toBe('1')
})

test('a value that was emptied becomes unknown', () => {
  expect(patchOf(doc, {}, { ...untouched, values: { capacity: '', address: ' ' } })).toEqual({ capacity: null, address: null })
})

test('a deadline is told in hours, then in days, and after it how late it is', () => {
  const now = Date.parse('2026-05-01T00:00:00Z')
  const at = (hours: number) => new Date(now + hours * HOUR_MS).toISOString()
  expect(deadlineText(at(5), now)).toContain('5')
  expect(deadlineText(at(72), now)).toBe('还剩 3 天')
  expect(deadlineText(at(-5), now)).toBe('超期 5 小时')
  expect(isOverdue({ state: 'open', due_at: at(-1) }, now)).toBe(true)
  expect(isOverdue({ state: 'accepted', due_at: at(-1) }, now)).toBe(false)
})

test('a denial names the missing right in words, from its own member or from its sentence', () => {
  const detail = '没有权限：编辑（缺少 scope） / not permitted as editor: missing right `scope`'
  expect(missingRight(new AskError('problem', 403, { missing: 'scope' }))).toBe('scope')
  expect(missingRight(new AskError('problem', 403, { detail }))).toBe('scope')
  expect(missingRight(new AskError('problem', 422, { detail }))).toBeNull()
  expect(explainStaff(new AskError('problem', 403, { detail }))).toContain('修改本辖区以外的数据')
  lang.value = 'en'
  expect(explainStaff(new AskError('problem', 403, { detail }))).toContain('outside your own area')
})

test('a violation is told at its own field', () => {
  const violations = [{ field: 'name', reason: 'r', zh: '名称太长', en: 'too long' }, { field: 'contacts[0].phone', reason: 'r', zh: '电话不对', en: 'bad phone' }]
  const error = new AskError('problem', 422, { violations })
  expect(toldOf(error, 'name')).toBe('名称太长')
  expect(toldOf(error, 'contacts')).toBe('电话不对')
})

test('words, lists, positions, times and emptiness read as people read them', () => {
  expect(valueText('status', 'open')).toBe('已开放')
  expect(valueText('hazards', ['flood', 'fire'])).toBe('洪水、火灾')
  expect(valueText('lon', 121.2)).toBe('121.200000')
  expect(valueText('accessible', false)).toBe('否')
  expect(valueText('observed_at', '2026-05-01T00:00:00Z')).toBe('2026-05-01 08:00')
  expect(valueText('remarks', '')).toBe('—')
  expect(valueText('facilities', [])).toBe('—')
  expect(valueText('position', { lon: 121.2, lat: 31 })).toBe('121.200000, 31.000000')
  expect(fieldName('capacity')).toBe('容量')
  expect(fieldName('unheard_of')).toBe('Unheard_of')
})

test('trust is told in three steps', () => {
  expect([0.9, 0.5, 0.1].map(confidenceText)).toEqual(['可信度高', '可信度中', '可信度低'])
})

test('sign-in leads back to a page of this site only', () => {
  expect(wayBack('/data/inbox?x=1')).toBe('/data/inbox?x=1')
  for (const strange of ['//evil.example', '/\\evil.example', 'https://evil.example', undefined, ['/a']]) expect(wayBack(strange)).toBe('/data')
})

test('a password is long enough and typed twice the same', () => {
  expect(fault('short', 'short')).toBe('short')
  expect(fault('long enough one', 'long enough two')).toBe('differ')
  expect(fault('避难场所数据管理员密码', '避难场所数据管理员密码')).toBeNull()
})

test('a one-time link is whole', () => {
  expect(oneTimeLink({ link: '/setup#abc', expires_at: '' }, 'http://10.1.2.3:8080')).toBe('http://10.1.2.3:8080/setup#abc')
  expect(oneTimeLink(null, 'http://10.1.2.3')).toBeNull()
})

test('a photo is made to fit and never made larger', () => {
  expect(fitted(4000, 3000)).toEqual({ width: 1600, height: 1200 })
  expect(fitted(300, 200)).toEqual({ width: 300, height: 200 })
  expect(fitted(10_000, 1)).toEqual({ width: 1600, height: 1 })
})

test('an interval is told in the largest whole unit', () => {
  expect([900, 3600, 6 * 3600, 86_400, 5400].map(everyText)).toEqual(['15 分钟', '1 小时', '6 小时', '1 天', '90 分钟'])
})

test('when single groups were observed anew, only those are told', () => {
  const change = { field: 'observed', before: { record: '2026-05-01T00:00:00Z', status: '2026-05-01T00:00:00Z' }, after: { record: '2026-05-01T00:00:00Z', status: '2026-05-02T00:00:00Z', capacity: '2026-05-02T00:00:00Z' } }
  expect(changeLines([{ field: 'capacity', before: null, after: 5 }, change])).toEqual([
    { label: '容量', before: '—', after: '5' },
    { label: '核实时间·开放状态', before: '2026-05-01 08:00', after: '2026-05-02 08:00' },
    { label: '核实时间·容量', before: '—', after: '2026-05-02 08:00' },
  ])
})
