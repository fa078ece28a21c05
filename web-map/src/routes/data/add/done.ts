// What was just done to a whole record, and can still be taken back in one act.
import type { ResourceDocument } from '../../../api/schema'

export interface Done {
  what: 'added' | 'suspended' | 'removed'
  /** The record as it is after it; of a removed one, as it was. */
  doc: ResourceDocument
}
