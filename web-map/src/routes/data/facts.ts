// What every section of the desk needs to know of the store: its divisions, its box, its standing.
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { Division, Meta } from '../../api/schema'
import { WORLD, type Box } from '../../geo/extent'

const KEY: InjectionKey<ComputedRef<Meta | null>> = Symbol('facts')

export function provideFacts(facts: ComputedRef<Meta | null>): void {
  provide(KEY, facts)
}

export interface Facts {
  meta: ComputedRef<Meta | null>
  /** Towns, for choosing one. */
  towns: ComputedRef<Division[]>
  box: ComputedRef<Box>
}

/** Returns the facts that the desk's frame holds. */
export function useFacts(): Facts {
  const meta = inject(KEY) ?? computed(() => null)
  return {
    meta,
    towns: computed(() => (meta.value?.divisions ?? []).filter((d) => d.level === 'town')),
    box: computed(() => meta.value?.district?.bbox ?? meta.value?.extent ?? WORLD),
  }
}
