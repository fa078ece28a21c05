// When closures begin and end by themselves: the moment at which they must be asked for again.
//
// Invariant: what the browser's clock says does not matter; only how long after its answer the server expects the turn.

/** The longest wait that a browser's timer can hold; a later turn is looked at anew then. */
const TIMER_MAX_MS = 2 ** 31 - 1
/** The server must have passed the turn when it is asked. */
const AFTER_MS = 250

/** Returns how long to wait from an answer until the next turn, milliseconds; `null` when there is none. */
export function waitFor(answered_at: string, next_turn_at: string | null | undefined): number | null {
  if (!next_turn_at) return null
  const wait = Date.parse(next_turn_at) - Date.parse(answered_at)
  return Number.isNaN(wait) ? null : Math.min(TIMER_MAX_MS, Math.max(0, wait) + AFTER_MS)
}
