import { expect, test } from 'vitest'
import type { NearestAnswer, NearestResult } from '../src/api/schema'
import { address } from '../src/api/http'
import { nearestQuery, type NearestQuestion } from '../src/api/queries'
import { lookUp } from '../src/routes/lookup/outcome'
import { EMPTY, readQuery, writeQuery, type LookupState } from '../src/routes/lookup/query'

const full: LookupState = { at: [121.223456, 31.034567], place: '佘山镇', party: 30, hazard: 'flood', needs: ['accessible', 'pets'], openOnly: false, k: 10, by: 'car' }

test('what is written into the address is read back', () => {
  expect(readQuery(writeQuery(full))).toEqual(full)
  expect(readQuery(writeQuery(EMPTY))).toEqual(EMPTY)
  expect(writeQuery(EMPTY)).toEqual({})
  expect(readQuery(writeQuery({ ...EMPTY, by: 'air' })).by).toBe('air')
  expect(readQuery({ by: 'rocket' }).by).toBeNull()
})

test.each(['91,121', '31.03,121.22', 'x,y', '121', ',', '121.2,', 'NaN,NaN', '181,0'])('the position %s is refused', (at) => {
  expect(readQuery({ at }).at).toBeNull()
})

test.each([['0', 1], ['-3', 1], ['2.5', 1], ['abc', 1], ['12', 12], ['100000', 999]])('a party of %s is taken as %d', (party, expected) => {
  expect(readQuery({ party }).party).toBe(expected)
})

test('words that the page does not know are dropped', () => {
  expect(readQuery({ hazard: 'dragons', needs: 'pets,gold' })).toMatchObject({ hazard: null, needs: ['pets'] })
  expect(readQuery({ hazard: 'constructor' }).hazard).toBeNull()
})

test('the question to the server leaves out what was not asked', () => {
  const question: NearestQuestion = { at: [121.2, 31], k: 5, kinds: ['shelter'], party: 1, hazard: null, needs: [], openOnly: false }
  const asked = new URLSearchParams(address('/api/nearest', nearestQuery(question)).split('?')[1])
  expect(Object.fromEntries(asked)).toEqual({ lon: '121.2', lat: '31', datum: 'wgs84', k: '5', kind: 'shelter', by: 'air', party: '1', unknown: 'last', explain: 'true' })
})

function answer(...statuses: (NearestResult['status'])[]): NearestAnswer {
  const results = statuses.map((status, i) => ({ id: String(i), status }) as NearestResult)
  return { revision: 1, method: 'm', complete: true, datum: 'wgs84', origin: { lon: 0, lat: 0, positions: { gcj02: [0, 0], bd09: [0, 0] } }, results, rejected: [], rejected_total: 0 }
}

function server(open: NearestAnswer, any: NearestAnswer) {
  const asked: boolean[] = []
  const ask = (question: NearestQuestion) => {
    asked.push(question.openOnly)
    return Promise.resolve(question.openOnly ? open : any)
  }
  return { ask, asked }
}

const signal = new AbortController().signal

test('when something is open the open ones are the answer and nothing more is asked', async () => {
  const { ask, asked } = server(answer('open', null), answer('closed'))
  const outcome = await lookUp([121.2, 31], EMPTY, 'air', signal, ask)
  expect(outcome).toMatchObject({ found: 'some', openOnly: true })
  expect(asked).toEqual([true])
})

test('a place of unknown status is not taken for an open one', async () => {
  const { ask, asked } = server(answer(null), answer('closed', null))
  const outcome = await lookUp([121.2, 31], EMPTY, 'air', signal, ask)
  expect(outcome.found).toBe('none-open')
  expect(outcome.answer.results).toHaveLength(2)
  expect(asked).toEqual([true, false])
})

test('when nothing suits at all it says so', async () => {
  const { ask } = server(answer(), answer())
  expect((await lookUp([121.2, 31], EMPTY, 'air', signal, ask)).found).toBe('none')
})

test('without "open only" one question is enough', async () => {
  const { ask, asked } = server(answer('open'), answer('closed'))
  expect(await lookUp([121.2, 31], { ...EMPTY, openOnly: false }, 'air', signal, ask)).toMatchObject({ found: 'some', openOnly: false })
  expect(asked).toEqual([false])
})

test('who has no road near and chose no way to travel is answered by air, and told why', async () => {
  const why = { zh: '附近没有道路', en: 'no road is near' }
  const asked: (string | undefined)[] = []
  const ask = (question: NearestQuestion) => {
    asked.push(question.by)
    const off = { ...answer(), road: { metric: 'time', time_factor: 1, origin: null, aside_max_m: 500, unreachable: why } } as NearestAnswer
    return Promise.resolve(question.by === 'air' ? answer('open') : off)
  }
  expect(await lookUp([121.2, 31], EMPTY, 'foot', signal, ask)).toMatchObject({ found: 'some', offRoads: why })
  expect(asked).toEqual(['foot', 'air'])
  const chosen = await lookUp([121.2, 31], { ...EMPTY, by: 'foot' }, 'foot', signal, ask)
  expect(chosen.found).toBe('none')
  expect(chosen.offRoads).toBeUndefined()
})
