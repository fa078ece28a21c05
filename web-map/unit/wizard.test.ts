import { afterEach, expect, test } from 'vitest'
import type { Upload } from '../src/api/imports'
import { lang } from '../src/i18n/lang'
import { readPoints } from '../src/routes/data/import/control-points'
import { datumName, zones } from '../src/routes/data/import/datums'
import { doubled, exchanged, laid, mappingOf } from '../src/routes/data/import/wizard'

afterEach(() => {
  lang.value = 'zh'
})

const upload: Upload = {
  id: 'u', name: 'a.xlsx', bytes: 1, sha256: '', format: 'xlsx', expires_at: '', suggested: { kind: 'shelter', mapping: null },
  layers: [{ name: '表', rows: 2, columns: [{ header: '名称', field: 'name', samples: [] }, { header: '备注栏', field: null, samples: [] }] }],
}

test('the mapping starts as the server read the headers', () => {
  expect(mappingOf(upload, '表')).toEqual({ 名称: 'name', 备注栏: null })
  expect(mappingOf(upload, '没有')).toEqual({})
})

test('two columns of one field are noticed, two that are left out are not', () => {
  expect(doubled({ a: 'name', b: 'name' })).toBe('name')
  expect(doubled({ a: null, b: null, c: 'name' })).toBeNull()
})

test('a saved mapping is laid over the file’s own headers only', () => {
  expect(laid({ 名称: null, 别的: 'code' }, { 名称: 'name', 备注栏: null })).toEqual({ 名称: null, 备注栏: null })
})

test('exchanging the two columns of a position leaves the others alone', () => {
  expect(exchanged({ a: 'lon', b: 'lat', c: 'name', d: null })).toEqual({ a: 'lat', b: 'lon', c: 'name', d: null })
})

test('all sixty-four zones are offered, the nearest to the district first', () => {
  const all = zones(121.2)
  expect(all).toHaveLength(64)
  expect(new Set(all.map((z) => z.crs)).size).toBe(64)
  expect(Math.abs((all[0]?.central_meridian_deg ?? 0) - 121.2)).toBeLessThan(1.6)
  const of = (crs: string) => all.find((z) => z.crs === crs)
  expect(of('EPSG:4528')?.central_meridian_deg).toBe(120)
  expect(of('EPSG:4549')?.central_meridian_deg).toBe(120)
  expect(of('EPSG:4502')?.central_meridian_deg).toBe(75)
  expect(of('EPSG:4501')?.central_meridian_deg).toBe(135)
})

test('a datum has a name in both languages, an unknown one is shown as it came', () => {
  expect(datumName('gcj02')).toContain('高德')
  lang.value = 'en'
  expect(datumName('gcj02')).toContain('Amap')
  expect(datumName('EPSG:4528')).toContain('zone 40')
  expect(datumName('local:sh2000')).toBe('sh2000')
  expect(datumName('EPSG:9999')).toBe('EPSG:9999')
})

test('control points are read whatever stands between the numbers', () => {
  expect(readPoints('1 2 121.2 31\n\n3,4,121.3,31.1\n5\t6\t121.4\t31.2')).toEqual({
    points: [{ x: 1, y: 2, lon: 121.2, lat: 31 }, { x: 3, y: 4, lon: 121.3, lat: 31.1 }, { x: 5, y: 6, lon: 121.4, lat: 31.2 }],
  })
})

test('a line that is no control point is named by its number', () => {
  expect(readPoints('1 2 121.2 31\n1 2 31')).toEqual({ wrong_line: 2 })
  expect(readPoints('1 2 221.2 31')).toEqual({ wrong_line: 1 })
  expect(readPoints('a b c d')).toEqual({ wrong_line: 1 })
})
