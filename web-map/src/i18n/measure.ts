// Distances, areas, ages and times in words. The clock comes in as an argument, so that tests can hold it still.
import { count, phrases } from './lang'

export const measures = {
  metres: { zh: '{n} 米', en: '{n} m' },
  kilometres: { zh: '{n} 公里', en: '{n} km' },
  squareMetres: { zh: '{n} 平方米', en: '{n} m²' },
  squareKilometres: { zh: '{n} 平方公里', en: '{n} km²' },
  justNow: { zh: '刚刚更新', en: 'updated just now' },
  minutesAgo: { zh: '{n} 分钟前更新', en: 'updated {n} min ago' },
  hoursAgo: { zh: '{n} 小时前更新', en: 'updated {n} h ago' },
  daysAgo: { zh: '{n} 天前更新', en: 'updated {n} d ago' },
  monthsAgo: { zh: '{n} 个月前更新', en: 'updated {n} months ago' },
  yearsAgo: { zh: '{n} 年前更新', en: 'updated {n} years ago' },
  ageUnknown: { zh: '更新时间未知', en: 'update time unknown' },
  confidenceHigh: { zh: '可信度高', en: 'well trusted' },
  confidenceMiddle: { zh: '可信度中', en: 'partly trusted' },
  confidenceLow: { zh: '可信度低', en: 'little trusted' },
  old: { zh: '数据较旧', en: 'old data' },
}

const t = phrases(measures)

/** A distance in metres as text: 10 m steps below 1 km, 0.1 km steps below 100 km. */
export function distanceText(distance_m: number): string {
  if (distance_m < 995) return t('metres', { n: Math.max(0, Math.round(distance_m / 10) * 10) })
  if (distance_m < 99_950) return t('kilometres', { n: (distance_m / 1000).toFixed(1) })
  return t('kilometres', { n: count(distance_m / 1000) })
}

/** A round distance, such as a radius to choose: no decimals that nobody measured. */
export function roundDistanceText(distance_m: number): string {
  return distance_m < 1000 ? t('metres', { n: distance_m }) : t('kilometres', { n: String(distance_m / 1000) })
}

/** An area in square metres as text. */
export function areaText(area_m2: number): string {
  if (area_m2 < 100_000) return t('squareMetres', { n: count(area_m2) })
  return t('squareKilometres', { n: (area_m2 / 1e6).toFixed(area_m2 < 1e7 ? 2 : 1) })
}

/**
 * Age in seconds from which data is called old: what changes within an event after a day, stock after a month, what is
 * surveyed after a year. Choices of this page, not clauses of a standard.
 */
export const OLD_AFTER_S = { state: 24 * 3600, stock: 30 * 24 * 3600, survey: 365 * 24 * 3600 } as const
export type Pace = keyof typeof OLD_AFTER_S

/** True when the data's age calls for doubt; an unknown age does. */
export function isOld(age_s: number | null | undefined, pace: Pace = 'state'): boolean {
  return age_s === null || age_s === undefined || age_s > OLD_AFTER_S[pace]
}

/** An age in seconds as text. An unknown age says so; an age below zero (a clock ahead of ours) is "just now". */
export function ageText(age_s: number | null | undefined): string {
  if (age_s === null || age_s === undefined || !Number.isFinite(age_s)) return t('ageUnknown')
  const minutes = Math.floor(age_s / 60)
  if (minutes < 1) return t('justNow')
  if (minutes < 60) return t('minutesAgo', { n: minutes })
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return t('hoursAgo', { n: hours })
  const days = Math.floor(hours / 24)
  if (days < 60) return t('daysAgo', { n: days })
  if (days < 730) return t('monthsAgo', { n: Math.floor(days / 30) })
  return t('yearsAgo', { n: Math.floor(days / 365) })
}

/** Age in seconds of an RFC 3339 time; `null` when there is none or it cannot be read. */
export function ageOf(time: string | null | undefined, now: number): number | null {
  if (!time) return null
  const at = Date.parse(time)
  return Number.isNaN(at) ? null : Math.max(0, (now - at) / 1000)
}

/** The age, and "old data" after it when it is. */
export function freshnessText(age_s: number | null | undefined, pace: Pace = 'state'): string {
  const age = ageText(age_s)
  return age_s !== null && age_s !== undefined && isOld(age_s, pace) ? `${age} · ${t('old')}` : age
}

const SHANGHAI = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
})

/** A time as `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai; a dash when there is none. */
export function shanghaiTime(time: string | number | null | undefined): string {
  if (time === null || time === undefined) return '—'
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? '—' : SHANGHAI.format(at)
}

/** Shares of trust from which data is called well and partly trusted. Choices of this page. */
export const TRUSTED = { well: 0.75, partly: 0.4 } as const

/** How far data may be trusted, 0…1, in words. */
export function confidenceText(confidence: number): string {
  if (confidence >= TRUSTED.well) return t('confidenceHigh')
  return t(confidence >= TRUSTED.partly ? 'confidenceMiddle' : 'confidenceLow')
}

/** The instant of a time typed into a `datetime-local` field, which is Beijing time as every time shown is; `null` for none. */
export function fromShanghai(typed: string): string | null {
  const at = new Date(`${typed}+08:00`)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
