// Sorting and CSV of the per-division table.
import type { CoverageDivision } from '../../../api/schema'

export type Column = 'name' | 'total' | 'covered' | 'uncovered' | 'rate'
export interface Order {
  column: Column
  descending: boolean
}

/** Share of a whole; `null` where the whole is nothing or either is unknown, because a share of nothing is not 0 %. */
export function shareOf(part: number | null, whole: number | null): number | null {
  return part !== null && whole !== null && whole > 0 ? part / whole : null
}

/** Covered share of the population. */
export function rate({ total, covered }: CoverageDivision): number | null {
  return shareOf(covered, total)
}

/** Returns the rows in order; unknown figures stand last either way, ties keep the order of codes. */
export function sorted(rows: readonly CoverageDivision[], { column, descending }: Order): CoverageDivision[] {
  const sign = descending ? -1 : 1
  return [...rows].sort((a, b) => {
    const tie = a.code.localeCompare(b.code)
    if (column === 'name') return sign * tie
    const [x, y] = column === 'rate' ? [rate(a), rate(b)] : [a[column], b[column]]
    if (x === null || y === null) return x === y ? tie : x === null ? 1 : -1
    return sign * (x - y) || tie
  })
}

/** The next order when a column's heading is chosen: numbers start with the largest, names with the first. */
export function reorder(order: Order, column: Column): Order {
  return order.column === column ? { column, descending: !order.descending } : { column, descending: column !== 'name' }
}

/** A share as text with one decimal; a dash for an unknown one. */
export function percent(share: number | null): string {
  return share === null ? '—' : `${(share * 100).toFixed(1)}%`
}

/** One CSV cell: empty when unknown, quoted where needed, and never a formula when a spreadsheet opens it. */
export function cell(value: string | number | null): string {
  const raw = String(value ?? '')
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** The table as CSV (RFC 4180) with a byte-order mark, so that spreadsheets read the Chinese right. */
export function toCsv(heading: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return `\uFEFF${[heading, ...rows].map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`
}
