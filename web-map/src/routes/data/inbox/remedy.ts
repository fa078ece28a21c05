// What accepting a report changes on the record, depending on what was said to be wrong.
import type { Fault } from '../../../api/book'
import type { Patch } from '../../../api/records'
import type { Contact, ResourceDocument } from '../../../api/schema'

/** What the one who answers has chosen. */
export interface Remedy {
  usePosition: boolean
  /** Lifecycle to set, empty for none. */
  lifecycle: string
  /** Typed values of the fields offered for the fault, by name. */
  values: Record<string, string>
}

/** Fields that are offered for a fault. */
export const OFFERED: Record<Fault, readonly string[]> = {
  moved: ['address'], closed: [], wrong_phone: ['phone'], wrong_name: ['name', 'address'], wrong_capacity: ['capacity'], no_access: ['remarks'], other: ['remarks'],
}

/** Returns the value that a field's input starts with. */
export function present(doc: ResourceDocument | null, field: string): string {
  if (!doc) return ''
  const value = field === 'phone' ? doc.contacts?.[0]?.phone : (doc as unknown as Record<string, unknown>)[field]
  return value === null || value === undefined ? '' : String(value)
}

/** Returns the merge patch; what was left as it is does not appear in it. */
export function patchOf(doc: ResourceDocument, at: { lon?: number | null; lat?: number | null }, remedy: Remedy): Patch {
  const patch: Patch = {}
  if (remedy.usePosition && typeof at.lon === 'number' && typeof at.lat === 'number') Object.assign(patch, { lon: at.lon, lat: at.lat })
  if (remedy.lifecycle && remedy.lifecycle !== doc.lifecycle) patch.lifecycle = remedy.lifecycle
  for (const [field, typed] of Object.entries(remedy.values)) {
    const text = typed.trim()
    if (text === present(doc, field)) continue
    if (field === 'phone') patch.contacts = withPhone(doc.contacts ?? [], text)
    else if (field === 'capacity') patch.capacity = text === '' ? null : Number(text)
    else patch[field] = text === '' ? null : text
  }
  return patch
}

/** The contacts with another phone number for the first of them. */
function withPhone(contacts: readonly Contact[], phone: string): Contact[] {
  const [first, ...rest] = contacts
  return [{ ...first, phone: phone || null }, ...rest]
}
