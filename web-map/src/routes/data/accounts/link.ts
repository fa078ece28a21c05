// The one-time link of an invitation or a reset, as something that can be handed over.
import type { OneTime } from '../../../api/accounts'

/** Returns the link with its host, `null` when the answer carries none. */
export function oneTimeLink(given: OneTime | null, origin = location.origin): string | null {
  return given ? new URL(given.link, origin).href : null
}
