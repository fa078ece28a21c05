import { expect, test } from 'vitest'
import { amapLink, baiduLink, tencentLink } from '../src/geo/navigate'

// Three positions that differ, so that a link with the wrong datum or swapped axes can not pass.
const place = { name: '松江二中 & 操场, 东', positions: { gcj02: [121.225001, 31.030002] as [number, number], bd09: [121.231503, 31.036004] as [number, number] } }

const origin = { gcj02: [121.205001, 31.010002] as [number, number], bd09: [121.211503, 31.016004] as [number, number] }

test('Amap gets longitude first in GCJ-02 and is told so', () => {
  const url = new URL(amapLink(place))
  expect(url.origin).toBe('https://uri.amap.com')
  const [lon, lat, name] = (url.searchParams.get('to') ?? '').split(',')
  expect([lon, lat]).toEqual(['121.225001', '31.030002'])
  expect(name).toContain('松江二中')
  expect(url.searchParams.get('coordinate')).toBe('gaode')
})

test('a comma in the name does not become a further field of the Amap link', () => {
  expect(new URL(amapLink(place)).searchParams.get('to')?.split(',')).toHaveLength(3)
})

test('Baidu gets both ends, latitude first, in BD-09 and is told so', () => {
  const url = new URL(baiduLink(place, origin))
  expect(url.origin + url.pathname).toBe('https://api.map.baidu.com/direction')
  expect(url.searchParams.get('destination')).toBe(`latlng:31.036004,121.231503|name:${place.name}`)
  expect(url.searchParams.get('origin')).toMatch(/^latlng:31\.016004,121\.211503\|name:/)
  expect(url.searchParams.get('coord_type')).toBe('bd09ll')
  expect(url.searchParams.get('mode')).toBe('walking')
})

test('Tencent gets latitude first in GCJ-02', () => {
  const url = new URL(tencentLink(place))
  expect(url.origin).toBe('https://apis.map.qq.com')
  expect(url.searchParams.get('tocoord')).toBe('31.030002,121.225001')
  expect(url.searchParams.get('to')).toBe(place.name)
})

test('a name can not break out of its parameter', () => {
  for (const link of [amapLink(place), baiduLink(place, origin), tencentLink(place)]) {
    expect([...new URL(link).searchParams.keys()]).not.toContain(' 操场, 东')
    expect(link).not.toMatch(/tel:|sms:/)
  }
})
