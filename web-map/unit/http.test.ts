import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { address, ask, askFile, askTagged } from '../src/api/http'
import { AskError } from '../src/api/problem'
import { csrf, ended, setToken } from '../src/api/session'

interface Sent {
  url: string
  init: RequestInit & { headers: Record<string, string> }
}

let sent: Sent[] = []
let answers: Response[] = []

beforeEach(() => {
  sent = []
  answers = []
  vi.stubGlobal('fetch', (url: string, init: Sent['init']) => {
    sent.push({ url, init })
    return Promise.resolve(answers.shift() ?? new Response('{}'))
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  setToken(null)
  csrf.value = null
})

const problem = (status: number, body: object, headers = {}) => new Response(JSON.stringify(body), { status, headers })

test('a read carries no proof, a write of a session does, a write with a token does not', async () => {
  csrf.value = 'word'
  await ask('/a')
  await ask('/a', { method: 'POST', body: {} })
  setToken('t')
  await ask('/a', { method: 'DELETE' })
  expect(sent.map(({ init }) => init.headers['X-CSRF-Token'])).toEqual([undefined, 'word', undefined])
  expect(sent[2]?.init.headers.Authorization).toBe('Bearer t')
})

test('a proof that is out of date is asked for once more, and the write is sent once more', async () => {
  csrf.value = 'old'
  answers = [problem(403, { type: 'urn:bihu:problem:csrf' }), new Response('{"csrf":"new"}'), new Response('{"ok":true}')]
  expect(await ask('/a', { method: 'PUT', body: { x: 1 } })).toEqual({ ok: true })
  expect(sent.map(({ url }) => url)).toEqual(['/a', '/api/session', '/a'])
  expect(sent[2]?.init.headers['X-CSRF-Token']).toBe('new')
})

test('a write is not sent a third time', async () => {
  const refusal = () => problem(403, { type: 'urn:bihu:problem:csrf' })
  answers = [refusal(), new Response('{"csrf":"new"}'), refusal()]
  await expect(ask('/a', { method: 'PUT', body: {} })).rejects.toBeInstanceOf(AskError)
  expect(sent).toHaveLength(3)
})

test('any other denial is told as it is', async () => {
  answers = [problem(403, { type: 'urn:bihu:problem:denied', missing: 'scope' })]
  await expect(ask('/a', { method: 'PATCH', body: {} })).rejects.toMatchObject({ status: 403, problem: { missing: 'scope' } })
  expect(sent).toHaveLength(1)
})

test('an ended session is noticed', async () => {
  const before = ended.value
  answers = [problem(401, {})]
  await expect(ask('/a')).rejects.toMatchObject({ status: 401 })
  expect(ended.value).toBe(before + 1)
})

test('the wait that the server asks for is kept with the error', async () => {
  answers = [problem(429, {}, { 'Retry-After': '30' })]
  await expect(ask('/a')).rejects.toMatchObject({ status: 429, retry_after_s: 30 })
})

test('an empty answer is null, a version comes with its tag', async () => {
  answers = [new Response(null, { status: 204, headers: { ETag: '"r7"' } })]
  expect(await askTagged('/a')).toEqual({ value: null, etag: '"r7"' })
})

test('a file is called what the server calls it, and what it can not carry is told', async () => {
  const headers = { 'Content-Disposition': "attachment; filename=\"a.csv\"; filename*=UTF-8''%E9%81%BF%E9%9A%BE.csv", 'bihu-losses': encodeURIComponent('面积 / area\n库存 / stock') }
  answers = [new Response('x', { headers })]
  expect(await askFile('/f')).toMatchObject({ name: '避难.csv', losses: ['面积 / area', '库存 / stock'] })
})

test('bytes go as they are', async () => {
  await ask('/u', { method: 'POST', bytes: new Blob(['x']) })
  expect(sent[0]?.init.headers['Content-Type']).toBe('application/octet-stream')
})

test('empty parameters are left out of an address', () => {
  expect(address('/a', { b: '', c: null, d: 0, e: 'x y' })).toBe('/a?d=0&e=x+y')
})
