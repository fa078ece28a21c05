// What every section of the desk needs to know of the store: its divisions, its box, its standing.
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { Division, Meta } from '../../api/schema'
import { WORLD, type Box } from '../../geo/extent'
import { nameOf } from '../../i18n/lang'

const KEY: InjectionKey<ComputedRef<Meta | null>> = Symbol('facts')

export function provideFacts(facts: ComputedRef<Meta | null>): void {
  provide(KEY, facts)
}

export interface Facts {
  meta: ComputedRef<Meta | null>
  /** Towns, for choosing one. */
  towns: ComputedRef<Division[]>
  box: ComputedRef<Box>
  /** Name of a record's division in the language in use; a dash when it has none. */
  divisionOf: (thing: { division?: string | null; division_name?: string | null }) => string
}

/** Returns the facts that the desk's frame holds. */
export function useFacts(): Facts {
  const meta = inject(KEY) ?? computed(() => null)
  return {
    meta,
    towns: computed(() => (meta.value?.divisions ?? []).filter((d) => d.level === 'town')),
    divisionOf: ({ division, division_name }) => {
      const known = meta.value?.divisions.find(({ code }) => code === division)
      return known ? nameOf(known) : division_name ?? division ?? '—'
    },
    box: computed(() => meta.value?.district?.bbox ?? meta.value?.extent ?? WORLD),
  }
}
