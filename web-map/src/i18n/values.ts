// A field's value as people read it: words translated, lists joined, positions and times short.
import { between, count, type Table } from './lang'
import { shanghaiTime } from './measure'
import { correctionState, fault } from './reports'
import * as staff from './staff-words'
import { hazard, kind, level, lifecycle, status, word } from './words'
import { tdesk } from './desk'

/** Words of the fields that carry one, or a list of them. */
export const fieldWords: Record<string, Table> = {
  kind, level, lifecycle, status, hazards: hazard, visibility: staff.visibility, standing: staff.standing, duration: staff.duration, space: staff.space,
  function: staff.functionClass, tier: staff.tier, capacity_quality: staff.quality, facilities: staff.facility, category: staff.category,
  capabilities: staff.capability, readiness: staff.readiness, class: staff.site, reserve_mode: staff.reserve, fault, state: correctionState,
}
const TIMES = new Set(['observed_at', 'answered_at', 'reported_at', 'due_at'])
const LONGEST = 120

/** Returns a value of a field as text; a dash for what is not there. */
export function valueText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return tdesk(value ? 'yes' : 'no')
  const words = fieldWords[field]
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.map((item) => (words ? word(words, String(item)) : part(item))).join(between('items'))
  if (words) return word(words, String(value))
  if (typeof value === 'number') return numberText(field, value)
  if (typeof value === 'string') return TIMES.has(field) ? shanghaiTime(value).slice(0, 16) : clipped(value)
  return part(value)
}

function numberText(field: string, value: number): string {
  if (field === 'lon' || field === 'lat') return value.toFixed(6)
  return Number.isInteger(value) ? count(value) : String(value)
}

function part(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const thing = value as Record<string, unknown>
  if (typeof thing.lon === 'number' && typeof thing.lat === 'number') return `${thing.lon.toFixed(6)}, ${thing.lat.toFixed(6)}`
  const parts = Object.values(thing).filter((v) => typeof v === 'string' || typeof v === 'number').map((v) => (typeof v === 'string' && /^\d{4}-\d\d-\d\dT/.test(v) ? shanghaiTime(v).slice(0, 16) : String(v)))
  return clipped(parts.join(' ') || '…')
}

const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

/** Choices of a field that carries one word, for a select. */
export function choicesOf(field: string): { value: string; text: string }[] {
  return Object.keys(fieldWords[field] ?? {}).map((value) => ({ value, text: valueText(field, value) }))
}
