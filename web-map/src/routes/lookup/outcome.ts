// What the public look-up found, and the second question it asks when nothing is open.
//
// Invariant: a place that is not known to be open is never listed under "open"; nothing is listed twice.
import { fetchNearest, type NearestQuestion } from '../../api/queries'
import type { LonLat, NearestAnswer } from '../../api/schema'
import type { LookupState } from './query'

export type Outcome =
  /** Places as asked for. `openOnly` says which heading is true. */
  | { found: 'some'; openOnly: boolean; answer: NearestAnswer }
  /** Nothing is known to be open; the answer holds the nearest others. */
  | { found: 'none-open'; answer: NearestAnswer }
  | { found: 'none'; answer: NearestAnswer }

type Fetch = (question: NearestQuestion, signal: AbortSignal) => Promise<NearestAnswer>

function question(at: LonLat, state: LookupState, openOnly: boolean): NearestQuestion {
  return { at, k: state.k, kinds: ['shelter'], party: state.party, hazard: state.hazard, needs: state.needs, openOnly, by: state.by }
}

/** Asks for the nearest places; when only open ones were wanted and there is none, asks again for the others. */
export async function lookUp(at: LonLat, state: LookupState, signal: AbortSignal, ask: Fetch = fetchNearest): Promise<Outcome> {
  const answer = await ask(question(at, state, state.openOnly), signal)
  const enough = state.openOnly ? answer.results.some((r) => r.status === 'open') : answer.results.length > 0
  if (enough) return { found: 'some', openOnly: state.openOnly, answer }
  if (!state.openOnly) return { found: 'none', answer }
  const others = await ask(question(at, state, false), signal)
  return others.results.length > 0 ? { found: 'none-open', answer: others } : { found: 'none', answer: others }
}
