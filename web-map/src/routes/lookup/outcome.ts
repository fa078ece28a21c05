// What the public look-up found, and the second question it asks when nothing is open.
//
// Invariants: a place that is not known to be open is never listed under "open"; nothing is listed twice; who chose no way to
// travel and has no road near is told what is near by air, and that it is by air.
import { fetchNearest, type NearestQuestion } from '../../api/queries'
import type { By } from '../../api/roads'
import type { Bilingual, LonLat, NearestAnswer } from '../../api/schema'
import type { LookupState } from './query'

export type Outcome = Found & {
  /** Why it was asked by air after all. */
  offRoads?: Bilingual
}

type Found =
  /** Places as asked for. `openOnly` says which heading is true. */
  | { found: 'some'; openOnly: boolean; answer: NearestAnswer }
  /** Nothing is known to be open; the answer holds the nearest others. */
  | { found: 'none-open'; answer: NearestAnswer }
  | { found: 'none'; answer: NearestAnswer }

type Fetch = (question: NearestQuestion, signal: AbortSignal) => Promise<NearestAnswer>

function question(at: LonLat, state: LookupState, by: By, openOnly: boolean): NearestQuestion {
  return { at, k: state.k, kinds: ['shelter'], party: state.party, hazard: state.hazard, needs: state.needs, openOnly, by }
}

/**
 * Asks for the nearest places; when only open ones were wanted and there is none, asks again for the others. `usual` is how one
 * travels who has not chosen.
 */
export async function lookUp(at: LonLat, state: LookupState, usual: By, signal: AbortSignal, ask: Fetch = fetchNearest): Promise<Outcome> {
  const by = state.by ?? usual
  const answer = await ask(question(at, state, by, state.openOnly), signal)
  if (!state.by && by !== 'air' && answer.road?.origin === null && answer.road.unreachable) {
    return { ...(await lookUp(at, state, 'air', signal, ask)), offRoads: answer.road.unreachable }
  }
  const enough = state.openOnly ? answer.results.some((r) => r.status === 'open') : answer.results.length > 0
  if (enough) return { found: 'some', openOnly: state.openOnly, answer }
  if (!state.openOnly) return { found: 'none', answer }
  const others = await ask(question(at, state, by, false), signal)
  return others.results.length > 0 ? { found: 'none-open', answer: others } : { found: 'none', answer: others }
}
