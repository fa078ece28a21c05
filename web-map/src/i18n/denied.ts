// Turns a refusal into a sentence that names the missing right in words.
import { AskError } from '../api/problem'
import { right, tdesk } from './desk'
import { explain } from './explain'
import { fieldName, fieldNames } from './field-names'
import { between, lang } from './lang'
import { word } from './words'

/** Returns the right that a denial misses, `null` for any other error. */
export function missingRight(error: unknown): string | null {
  if (!(error instanceof AskError) || error.status !== 403) return null
  return error.problem.missing ?? /missing right `(\w+)`/.exec(error.problem.detail ?? '')?.[1] ?? null
}

/** A violation with the name of its field in words; a field that is no record's speaks for itself. */
function told({ field, zh, en }: { field: string; zh: string; en: string }): string {
  const value = lang.value === 'zh' ? zh : en
  return field in fieldNames ? tdesk('labelled', { label: fieldName(field), value }) : value
}

/** Returns the sentence to show staff for an error. */
export function explainStaff(error: unknown): string {
  const missing = missingRight(error)
  const violations = error instanceof AskError && error.status < 500 ? error.problem.violations ?? [] : []
  if (!missing && violations.length > 0) return violations.map(told).join(between('sentences'))
  return missing ? tdesk('denied', { right: word(right, missing) }) : explain(error)
}
