// Turns a refusal into a sentence that names the missing right in words.
import { AskError } from '../api/problem'
import { right, tdesk } from './desk'
import { explain } from './explain'
import { word } from './words'

/** Returns the right that a denial misses, `null` for any other error. */
export function missingRight(error: unknown): string | null {
  if (!(error instanceof AskError) || error.status !== 403) return null
  return error.problem.missing ?? /missing right `(\w+)`/.exec(error.problem.detail ?? '')?.[1] ?? null
}

/** Returns the sentence to show staff for an error. */
export function explainStaff(error: unknown): string {
  const missing = missingRight(error)
  return missing ? tdesk('denied', { right: word(right, missing) }) : explain(error)
}
