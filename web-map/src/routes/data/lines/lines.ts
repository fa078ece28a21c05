// The lists of a record that are edited line by line: what a line has, and how it goes between text and value.
//
// Invariant: a line in which nothing was written is no line; what is empty in a line is unknown, never 0 or "".
import type { Kind, ResourceDocument } from '../../../api/schema'
import { readCell, writeCell } from '../tables/cell'
import type { Form } from '../tables/columns'

export type ListName = 'stock' | 'equipment' | 'contacts'
/** A line as it is typed. */
export type LineDraft = Record<string, string>

interface Part {
  name: string
  form: Form | 'date'
  /** Columns of six that its input takes. */
  span: number
}

export const LINES: Record<ListName, readonly Part[]> = {
  stock: [
    { name: 'name', form: 'text', span: 4 }, { name: 'code', form: 'text', span: 2 }, { name: 'quantity', form: 'number', span: 3 },
    { name: 'unit', form: 'text', span: 3 }, { name: 'expires_on', form: 'date', span: 3 }, { name: 'reserve_mode', form: 'word', span: 3 },
  ],
  equipment: [{ name: 'name', form: 'text', span: 4 }, { name: 'quantity', form: 'whole', span: 2 }],
  contacts: [{ name: 'name', form: 'text', span: 3 }, { name: 'role', form: 'text', span: 3 }, { name: 'phone', form: 'text', span: 6 }],
}

/** Returns the lists that a kind has. */
export function listsOf(kind: Kind): ListName[] {
  if (kind === 'warehouse' || kind === 'storage_point') return ['stock', 'contacts']
  return kind === 'team' ? ['equipment', 'contacts'] : ['contacts']
}

export const emptyLine = (list: ListName): LineDraft => Object.fromEntries(LINES[list].map(({ name }) => [name, '']))

/** Returns a record's list as it is typed. */
export function draftsOf(list: ListName, doc: ResourceDocument): LineDraft[] {
  const lines = (doc[list] ?? []) as unknown as Record<string, unknown>[]
  return lines.map((line) => Object.fromEntries(LINES[list].map(({ name }) => [name, writeCell(line[name])])))
}

/** Returns the lines in which something was written. */
export const written = (drafts: readonly LineDraft[]): LineDraft[] => drafts.filter((draft) => Object.values(draft).some((text) => text.trim() !== ''))

/** Reads written lines as the value to send; `wrong` names the parts that are no number, such as `stock[0].quantity`. */
export function readLines(list: ListName, drafts: readonly LineDraft[]): { value: Record<string, unknown>[]; wrong: string[] } {
  const wrong: string[] = []
  const value = drafts.map((draft, i) => Object.fromEntries(LINES[list].flatMap(({ name, form }) => {
    const read = readCell(form === 'date' ? 'text' : form, draft[name] ?? '')
    if ('wrong' in read) wrong.push(`${list}[${i}].${name}`)
    // A name is sent even when it is empty: that it is missing is for the server to say, at its place.
    if (name === 'name') return [[name, (draft[name] ?? '').trim()]]
    return 'value' in read && read.value !== null ? [[name, read.value]] : []
  })))
  return { value, wrong }
}
