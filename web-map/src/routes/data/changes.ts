// Field changes as they are listed: when single groups of fields were observed anew, only those are told.
import { tdesk } from '../../i18n/desk'
import { fieldName } from '../../i18n/field-names'
import { valueText } from '../../i18n/values'

export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

export interface ChangeLine {
  label: string
  before: string
  after: string
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns the lines of some changes, in their order. */
export function changeLines(changes: readonly FieldChange[]): ChangeLine[] {
  return changes.flatMap(({ field, before, after }) => {
    if (field !== 'observed') return [{ label: fieldName(field), before: valueText(field, before), after: valueText(field, after) }]
    const [was, is] = [isMap(before) ? before : {}, isMap(after) ? after : {}]
    const groups = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((group) => was[group] !== is[group])
    return groups.map((group) => ({
      label: tdesk('observedGroup', { group: fieldName(group) }), before: valueText('observed_at', was[group]), after: valueText('observed_at', is[group]),
    }))
  })
}
