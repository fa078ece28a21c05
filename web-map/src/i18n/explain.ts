// Turns a failed question into a sentence that says what to do.
import { AskError } from '../api/problem'
import { lang } from './lang'
import { ts } from './shell'

/** Splits the server's "中文 / English" text and returns the half for the language in use. */
export function half(text: string): string {
  const at = text.indexOf(' / ')
  if (at < 0) return text
  return lang.value === 'zh' ? text.slice(0, at) : text.slice(at + 3)
}

/** Returns the sentence to show for an error, in the language in use. */
export function explain(error: unknown): string {
  if (!(error instanceof AskError)) return ts('errorUnknown', { status: error instanceof Error ? error.message : String(error) })
  if (error.cause === 'offline') return ts('errorOffline')
  if (error.cause === 'garbled') return ts('errorGarbled')
  if (error.status === 401) return ts('errorUnsigned')
  if (error.status === 404) return ts('errorNotFound')
  if (error.status === 429 && error.retry_after_s !== null) return ts('errorWait', { n: error.retry_after_s })
  if (error.status === 429 || error.status === 503) return ts('errorBusy')
  if (error.status >= 500) return ts('errorServer', { incident: error.problem.incident ?? '—' })
  const violations = error.problem.violations ?? []
  if (violations.length > 0) return violations.map((v) => `${v.field}: ${v[lang.value]}`).join('；')
  const text = error.problem.detail ?? error.problem.title
  return text ? half(text) : ts('errorUnknown', { status: error.status })
}
