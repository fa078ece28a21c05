// What a refusal says, field by field, so that it can be told where it was typed.
import { AskError } from '../../api/problem'
import { between, lang } from '../../i18n/lang'

/** Sentences by field, such as `capacity` or `stock[0].name`. */
export type Wrong = Record<string, string>

/** Returns the sentences of a refusal by field, in the language in use; nothing for any other error. */
export function wrongOf(error: unknown): Wrong {
  const wrong: Wrong = {}
  if (!(error instanceof AskError)) return wrong
  for (const violation of error.problem.violations ?? []) {
    const before = wrong[violation.field]
    wrong[violation.field] = before ? `${before}${between('sentences')}${violation[lang.value]}` : violation[lang.value]
  }
  return wrong
}

/** Returns the sentences of one field of a refusal and of its parts; `null` when it says nothing of it. */
export function wrongAt(error: unknown, field: string): string | null {
  const own = Object.entries(wrongOf(error)).filter(([at]) => at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`))
  return own.length > 0 ? own.map(([, told]) => told).join(between('sentences')) : null
}
