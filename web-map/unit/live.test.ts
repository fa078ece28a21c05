import { expect, test } from 'vitest'
import type { Layer, LiveChange, SlimFeature } from '../src/api/schema'
import { applyChange, completeTo, everyFeature, find, load, type Picture } from '../src/live/picture'
import { createEventReader } from '../src/live/sse'

function shelter(id: string, status: 'open' | 'closed' | 'full'): SlimFeature {
  return { type: 'Feature', id, geometry: { type: 'Point', coordinates: [121.2, 31] }, properties: { id, kind: 'shelter', name: id, status } }
}

function layer(revision: number, ...features: SlimFeature[]): Layer {
  return { type: 'FeatureCollection', revision, features }
}

function upsert(revision: number, feature: SlimFeature): LiveChange {
  return { revision, op: 'upsert', kind: 'shelter', id: feature.properties.id, at: '2026-11-24T03:00:00+08:00', feature }
}

function remove(revision: number, id: string): LiveChange {
  return { revision, op: 'remove', kind: 'shelter', id, at: '2026-11-24T03:00:00+08:00', feature: null }
}

function pictureOf(revision: number, ...features: SlimFeature[]): Picture {
  const picture: Picture = new Map()
  load(picture, 'shelter', layer(revision, ...features))
  return picture
}

test('a change replaces the feature and tells the map both', () => {
  const picture = pictureOf(10, shelter('a', 'closed'))
  const patch = applyChange(picture, upsert(11, shelter('a', 'open')))
  expect(patch?.remove?.properties.status).toBe('closed')
  expect(patch?.add?.properties.status).toBe('open')
  expect(find(picture, 'a')?.properties.status).toBe('open')
})

test('a change that the loaded layer already holds is dropped', () => {
  const picture = pictureOf(10, shelter('a', 'open'))
  expect(applyChange(picture, upsert(10, shelter('a', 'closed')))).toBeNull()
  expect(find(picture, 'a')?.properties.status).toBe('open')
})

test('a replay after a break changes nothing', () => {
  const picture = pictureOf(10, shelter('a', 'closed'))
  const change = upsert(11, shelter('a', 'open'))
  expect(applyChange(picture, change)).not.toBeNull()
  expect(applyChange(picture, change)).toBeNull()
})

test('two resources changed in one revision both arrive', () => {
  const picture = pictureOf(10, shelter('a', 'closed'), shelter('b', 'closed'))
  expect(applyChange(picture, upsert(11, shelter('a', 'open')))).not.toBeNull()
  expect(applyChange(picture, upsert(11, shelter('b', 'open')))).not.toBeNull()
})

test('a removed resource is gone and can come back', () => {
  const picture = pictureOf(10, shelter('a', 'open'))
  const patch = applyChange(picture, remove(11, 'a'))
  expect(patch).toEqual({ remove: shelter('a', 'open'), add: null })
  expect(find(picture, 'a')).toBeNull()
  expect(applyChange(picture, upsert(12, shelter('a', 'full')))?.remove).toBeNull()
  expect(find(picture, 'a')?.properties.status).toBe('full')
})

test('removing what was never known says nothing', () => {
  expect(applyChange(pictureOf(10), remove(11, 'ghost'))).toBeNull()
})

test('an older layer that arrives late does not undo newer changes', () => {
  const picture = pictureOf(10, shelter('a', 'closed'), shelter('b', 'closed'), shelter('c', 'closed'))
  applyChange(picture, upsert(12, shelter('a', 'open')))
  applyChange(picture, remove(13, 'b'))
  applyChange(picture, upsert(11, shelter('c', 'full')))
  load(picture, 'shelter', layer(11, shelter('a', 'closed'), shelter('b', 'closed'), shelter('c', 'full')))
  expect(find(picture, 'a')?.properties.status).toBe('open')
  expect(find(picture, 'b')).toBeNull()
  expect(find(picture, 'c')?.properties.status).toBe('full')
  expect(applyChange(picture, upsert(12, shelter('a', 'closed')))).toBeNull()
})

test('the picture is complete only to its oldest layer', () => {
  const picture = pictureOf(10, shelter('a', 'open'))
  load(picture, 'team', layer(8))
  expect(completeTo(picture)).toBe(8)
  expect(completeTo(new Map())).toBe(0)
  expect([...everyFeature(picture)]).toHaveLength(1)
})

test('a stream cut anywhere gives the same events', () => {
  const text = ': hello\r\n\r\nid: 7\nevent: change\ndata: {"a":\ndata: 1}\n\nretry: 10\n\nid: 8\r\ndata:x\r\n\r\n: beat\n\n'
  const whole = createEventReader()(text)
  expect(whole).toEqual([{ id: '7', event: 'change', data: '{"a":\n1}' }, { id: '8', event: 'message', data: 'x' }])
  for (let cut = 0; cut <= text.length; cut += 1) {
    const read = createEventReader()
    expect([...read(text.slice(0, cut)), ...read(text.slice(cut))], `cut at ${cut}`).toEqual(whole)
  }
})

test('an event whose blank line has not arrived is held back', () => {
  const read = createEventReader()
  expect(read('data: half\n')).toEqual([])
  expect(read('\n')).toEqual([{ id: null, event: 'message', data: 'half' }])
})
