// Which rows a table shows and in which order: search, filters, sorting. Pure, so that it can be tested.
import type { ResourceDocument } from '../../../api/schema'
import { observedAt, valueOf } from './columns'

export interface RowFilter {
  q: string
  division: string
  level: string
  status: string
}

export interface Order {
  column: string
  rising: boolean
}

export const NO_FILTER: RowFilter = { q: '', division: '', level: '', status: '' }
/** Column that stands for the age of a record. */
export const AGE = 'age'

const SEARCHED = ['name', 'name_en', 'code', 'id', 'address'] as const

/** Returns the rows that fit, in order. Unknown values come last whichever way the order goes. */
export function viewOf(rows: readonly ResourceDocument[], filter: RowFilter, order: Order): ResourceDocument[] {
  const words = filter.q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => fits(row, filter, words)).sort((a, b) => compare(key(a, order.column), key(b, order.column), order.rising) || (a.id < b.id ? -1 : 1))
}

function fits(row: ResourceDocument, filter: RowFilter, words: string[]): boolean {
  if (filter.division && !row.division?.startsWith(stem(filter.division))) return false
  if (filter.level && (row.level ?? 'none') !== filter.level) return false
  if (filter.status && (row.status ?? 'unknown') !== filter.status) return false
  if (words.length === 0) return true
  const text = SEARCHED.map((name) => row[name] ?? '').join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

/** The part of a division's code that its places share: 9 digits of a town, 6 of a district. */
export const stem = (code: string): string => code.replace(/(000)+$/, '')

function key(row: ResourceDocument, column: string): string | number | null {
  const value = column === AGE ? observedAt(row, 'record') : valueOf(row, column)
  if (typeof value === 'number' || typeof value === 'string') return value
  return typeof value === 'boolean' ? Number(value) : null
}

const collator = new Intl.Collator('zh-CN', { numeric: true })

function compare(a: string | number | null, b: string | number | null, rising: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
  return rising ? order : -order
}

/** Returns which rows of fixed height are in view, with some above and below. */
export function windowOf(scroll: number, height: number, row_px: number, total: number): { from: number; until: number } {
  const spare = 8
  const from = Math.max(0, Math.floor(scroll / row_px) - spare)
  return { from, until: Math.min(total, Math.ceil((scroll + height) / row_px) + spare) }
}
