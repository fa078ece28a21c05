// How long until an answer is due, in words.
import { tib } from '../../../i18n/inbox'

const HOUR_MS = 3_600_000

/** True when an open report's deadline has passed. */
export const isOverdue = (report: { state: string; due_at: string }, now: number): boolean => report.state === 'open' && Date.parse(report.due_at) < now

/** Returns "3 d left", "5 h late"; full days from two on. */
export function deadlineText(due_at: string, now: number): string {
  const left_ms = Date.parse(due_at) - now
  const hours = Math.ceil(Math.abs(left_ms) / HOUR_MS)
  const time = hours < 48 ? tib('hours', { n: hours }) : tib('days', { n: Math.floor(hours / 24) })
  return tib(left_ms < 0 ? 'overdueBy' : 'dueIn', { time })
}
