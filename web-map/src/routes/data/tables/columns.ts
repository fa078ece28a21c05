// The fields of a record as the desk shows and edits them: which kind has which, in which order, in what form.
//
// Invariant: only fields that a merge patch may carry are `editable`; `group` is the server's observation group.
import type { Kind, ResourceDocument } from '../../../api/schema'

export type Form = 'text' | 'long' | 'whole' | 'number' | 'word' | 'words' | 'flag'

export interface FieldSpec {
  name: string
  form: Form
  kinds: readonly Kind[] | 'all'
  /** Width in a table in rem; 0 keeps it to the record panel. */
  width: number
  /** Group of fields whose observation it shares. */
  group: string
  editable: boolean
}

const STORES: readonly Kind[] = ['warehouse', 'storage_point']
const field = (name: string, form: Form, kinds: FieldSpec['kinds'], width = 0, group = 'record'): FieldSpec => ({ name, form, kinds, width, group, editable: true })
const read = (name: string, form: Form, kinds: FieldSpec['kinds'], width = 0, group = 'record'): FieldSpec => ({ ...field(name, form, kinds, width, group), editable: false })

const FIELDS: readonly FieldSpec[] = [
  field('name', 'text', 'all', 17),
  read('code', 'text', 'all', 8),
  read('division_name', 'text', 'all', 7),
  field('status', 'word', ['shelter'], 6.5, 'status'),
  field('readiness', 'word', ['team'], 6.5, 'readiness'),
  field('capacity', 'whole', ['shelter'], 6, 'capacity'),
  field('occupied', 'whole', ['shelter'], 6, 'occupancy'),
  read('free_places', 'whole', ['shelter'], 6, 'occupancy'),
  field('category', 'word', ['team'], 8),
  field('headcount', 'whole', ['team'], 6, 'readiness'),
  field('tier', 'word', STORES, 8),
  field('volume_m3', 'number', STORES, 8),
  field('class', 'word', ['site'], 9),
  field('level', 'word', 'all', 6),
  field('lifecycle', 'word', 'all', 6.5),
  field('address', 'long', 'all', 16),
  field('capacity_quality', 'word', ['shelter'], 0, 'capacity'),
  field('reserved', 'whole', ['shelter'], 0, 'occupancy'),
  field('blocked', 'whole', ['shelter'], 0, 'occupancy'),
  field('accessible', 'flag', ['shelter'], 6),
  field('pets', 'flag', ['shelter']),
  field('area_m2', 'number', ['shelter', ...STORES]),
  field('standing', 'word', ['shelter']),
  field('duration', 'word', ['shelter']),
  field('space', 'word', ['shelter']),
  field('function', 'word', ['shelter']),
  field('hazards', 'words', ['shelter']),
  field('facilities', 'words', ['shelter']),
  field('capabilities', 'words', ['team']),
  field('name_en', 'text', 'all'),
  field('administration_department', 'text', 'all'),
  field('management_unit', 'text', 'all', 12),
  field('operation_unit', 'text', 'all'),
  field('legacy_class', 'text', ['shelter']),
  field('visibility', 'word', 'all'),
  field('source', 'text', 'all'),
  field('remarks', 'long', 'all'),
  field('verifier', 'text', 'all'),
]

/** Returns the fields of a kind, in the order of the record panel. */
export function fieldsOf(kind: Kind): FieldSpec[] {
  return FIELDS.filter(({ kinds }) => kinds === 'all' || kinds.includes(kind))
}

/** Returns the columns of a kind's table. */
export const columnsOf = (kind: Kind): FieldSpec[] => fieldsOf(kind).filter(({ width }) => width > 0)

/** Returns a field's value. */
export const valueOf = (doc: ResourceDocument, name: string): unknown => (doc as unknown as Record<string, unknown>)[name] ?? null

/** Returns the time at which a group of fields was observed; without one of its own it rests on the record's. */
export function observedAt(doc: ResourceDocument, group: string): string | null {
  return doc.freshness?.fields[group]?.observed_at ?? doc.observed?.[group] ?? doc.observed?.record ?? doc.observed_at ?? null
}

/** Returns how far a group of fields may still be trusted, 0…1; `null` when nobody can tell. */
export function confidenceOf(doc: ResourceDocument, group: string): number | null {
  return doc.freshness?.fields[group]?.confidence ?? null
}
