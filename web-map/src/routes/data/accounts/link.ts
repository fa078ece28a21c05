// The one-time link of an invitation or a reset, as something that can be handed over.
import type { OneTime } from '../../../api/accounts'

/** Returns the link with its host, `null` when the answer carries none. */
export function oneTimeLink({ invite, link }: OneTime, origin = location.origin): string | null {
  const path = invite ?? link
  return path ? new URL(path, origin).href : null
}
