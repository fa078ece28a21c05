// What was typed into a cell, as the value to send; and what is wrong with it before it is sent.
import type { Form } from './columns'

export type Read = { value: unknown } | { wrong: true }

/** Reads typed text as a value of a form. Empty text is "unknown", never 0 or "". */
export function readCell(form: Form, text: string): Read {
  const plain = text.normalize('NFKC').trim()
  if (plain === '') return { value: null }
  if (form === 'whole' || form === 'number') {
    const number = Number(plain.replaceAll(',', ''))
    const fits = Number.isFinite(number) && (form === 'number' || (Number.isInteger(number) && number >= 0))
    return fits ? { value: number } : { wrong: true }
  }
  if (form === 'flag') return { value: plain === 'true' }
  if (form === 'words') return { value: plain.split(',') }
  return { value: text.trim() }
}

/** Returns a value as the text that an input starts with. */
export function writeCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** True when two values say the same. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
