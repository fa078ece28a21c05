import { expect, test } from 'vitest'
import { createAnswer, kept, shown } from '../src/api/answer'

function later<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

test('an older answer that arrives late is dropped', async () => {
  const { state, ask } = createAnswer<string>()
  const [first, second] = [later<string>(), later<string>()]
  const one = ask(() => first.promise)
  const two = ask(() => second.promise)
  second.resolve('new')
  expect(await two).toBe('new')
  first.resolve('old')
  expect(await one).toBeNull()
  expect(state.value).toEqual({ phase: 'answered', value: 'new' })
})

test('a newer question withdraws the request of the older', () => {
  const { ask } = createAnswer<string>()
  let withdrawn: AbortSignal | null = null
  void ask((signal) => {
    withdrawn = signal
    return later<string>().promise
  })
  void ask(() => later<string>().promise)
  expect(withdrawn!.aborted).toBe(true)
})

test('the failure of an older question does not reach the screen', async () => {
  const { state, ask } = createAnswer<string>()
  const first = later<string>()
  const one = ask(() => first.promise)
  await ask(() => Promise.resolve('new'))
  first.reject(new Error('late'))
  await one
  expect(state.value).toEqual({ phase: 'answered', value: 'new' })
})

test('a failure of the newest question reaches the screen', async () => {
  const { state, ask } = createAnswer<string>()
  const error = new Error('down')
  expect(await ask(() => Promise.reject(error))).toBeNull()
  expect(state.value).toEqual({ phase: 'failed', error, before: null })
})

test('the answer before stays shown while a newer one is asked', async () => {
  const { state, ask, reset } = createAnswer<string>()
  await ask(() => Promise.resolve('one'))
  void ask(() => later<string>().promise)
  expect(shown(state.value)).toBe('one')
  reset()
  expect(shown(state.value)).toBeNull()
})

test('behind a failure the last value is kept, and shown as an answer only by who asks for it', async () => {
  const { state, ask } = createAnswer<number>()
  await ask(() => Promise.resolve(1))
  await ask(() => Promise.reject(new Error('no network')))
  expect([shown(state.value), kept(state.value)]).toEqual([null, 1])
})
