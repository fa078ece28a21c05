// Intervals as people choose and read them.
import { tkp } from '../../../i18n/keep'

/** Choices for how often, seconds. */
export const EVERY_S = [300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400] as const

/** Returns an interval in minutes, hours or days, whichever is whole. */
export function everyText(every_s: number): string {
  if (every_s % 86_400 === 0) return tkp('days', { n: every_s / 86_400 })
  if (every_s % 3600 === 0) return tkp('hours', { n: every_s / 3600 })
  return tkp('minutes', { n: Math.round(every_s / 60) })
}
