// Names of requests that write, so that one sent again after a break is done once.
//
// Invariant: what is told keeps its name for as long as nothing of it was changed; whatever else is told gets another one, for
// the first answer would not be about it.

/** Names of what is told: the same for the same as before, a new one for anything else. */
export interface KeyOf {
  (told: unknown): string
  /** What was told is done: the same again is another. */
  forget: () => void
}

/** Returns the names of one form. */
export function useKey(): KeyOf {
  let [key, last] = ['', '']
  const keyOf = (told: unknown): string => {
    const now = JSON.stringify(told)
    if (now !== last) [key, last] = [freshKey(), now]
    return key
  }
  return Object.assign(keyOf, { forget: () => (last = '') })
}

/** A page that came over plain HTTP, as on an intranet, has no `randomUUID`. */
function freshKey(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-')
}
