// Saving one field of one record, with everything that can come of it: saved, in conflict, refused at the field.
//
// Invariant: a value is never laid over a version that its editor has not seen: on 412 both values are shown first.
import { shallowRef } from 'vue'
import { AskError } from '../../../api/problem'
import { etagOf, patchRecord, readRecord, type Patch } from '../../../api/records'
import type { ResourceDocument } from '../../../api/schema'
import { explainStaff } from '../../../i18n/denied'
import { wrongAt, wrongOf, type Wrong } from '../violations'
import { valueOf } from './columns'

export interface Trouble {
  id: string
  field: string
  /** What was to be saved, all of it and as it is shown. */
  patch: Patch
  mine: unknown
  /** What is wrong, part by part, where the field has parts. */
  parts: Wrong
  /** One sentence at the field; `null` for a conflict. */
  told: string | null
  /** The record as somebody else made it, for a conflict. */
  theirs: ResourceDocument | null
}

export type Save = (doc: ResourceDocument, field: string, value: unknown, reason?: string) => Promise<boolean>

/** Returns the sentence for one field of a refusal. */
export function toldOf(error: unknown, field: string): string {
  return wrongAt(error, field) ?? explainStaff(error)
}

/** Edits for a screen; `put` is told every new version of a record. */
export function useEdits(put: (doc: ResourceDocument) => void) {
  const trouble = shallowRef<Trouble | null>(null)
  const saving = shallowRef<{ id: string; field: string } | null>(null)

  async function save(doc: ResourceDocument, field: string, value: unknown, reason?: string): Promise<boolean> {
    return saveAll(doc, { [field]: value }, field, reason)
  }

  /** Saves several fields at once; trouble is told at `field`. */
  async function saveAll(doc: ResourceDocument, patch: Patch, field: string, reason?: string): Promise<boolean> {
    saving.value = { id: doc.id, field }
    trouble.value = null
    try {
      const { value } = await patchRecord(doc.id, patch, { etag: etagOf(doc), ...(reason ? { reason } : {}) })
      put({ ...doc, freshness: null, ...value })
      return true
    } catch (error) {
      await explainTrouble(doc, { field, patch, error })
      return false
    } finally {
      saving.value = null
    }
  }

  async function explainTrouble(doc: ResourceDocument, { field, patch, error }: { field: string; patch: Patch; error: unknown }): Promise<void> {
    const about = { id: doc.id, field, patch, mine: field === 'position' ? patch : patch[field], parts: wrongOf(error) }
    if (error instanceof AskError && error.status === 412) {
      try {
        const theirs = (await readRecord(doc.id, null, new AbortController().signal)).value
        trouble.value = { ...about, told: null, theirs }
        return
      } catch (second) {
        trouble.value = { ...about, told: toldOf(second, field), theirs: null }
        return
      }
    }
    trouble.value = { ...about, told: toldOf(error, field), theirs: null }
  }

  /** Ends a conflict: with one's own value over the version now seen, or with theirs. */
  async function settle(choice: 'mine' | 'theirs'): Promise<void> {
    const { value } = trouble
    if (!value?.theirs) return
    trouble.value = null
    if (choice === 'theirs') put(value.theirs)
    else await saveAll(value.theirs, value.patch, value.field)
  }

  const theirsOf = ({ theirs, field }: Trouble): unknown => {
    if (!theirs) return null
    return field === 'position' ? { lon: theirs.lon, lat: theirs.lat } : valueOf(theirs, field)
  }
  return { trouble, saving, save, saveAll, settle, theirsOf }
}

export type Edits = ReturnType<typeof useEdits>
