// Which kinds and levels are shown, and how many there are of each.
//
// Invariant: pure; a filter is a value that is replaced, never changed in place.
import type { Kind, SlimFeature } from '../../../api/schema'
import { KINDS, LEVELS, levelKey, type LevelKey } from '../../../map/symbol-key'

export type Filter = Record<Kind, Record<LevelKey, boolean>>
export type Counts = Record<Kind, Record<LevelKey, number>>

function each<T>(value: (kind: Kind, level: LevelKey) => T): Record<Kind, Record<LevelKey, T>> {
  const rows = KINDS.map((kind) => [kind, Object.fromEntries(LEVELS.map((level) => [level, value(kind, level)]))])
  return Object.fromEntries(rows) as Record<Kind, Record<LevelKey, T>>
}

/** Everything shown. */
export const showAll = (): Filter => each(() => true)

/** Counts features by kind and level. */
export function countLevels(features: Iterable<SlimFeature>): Counts {
  const counts = each(() => 0)
  for (const { properties } of features) counts[properties.kind][levelKey(properties)] += 1
  return counts
}

/** True when the filter shows the feature. */
export function isShown(filter: Filter, { properties }: SlimFeature): boolean {
  return filter[properties.kind]?.[levelKey(properties)] ?? false
}

/** Shows or hides one level of a kind. */
export function toggleLevel(filter: Filter, kind: Kind, level: LevelKey): Filter {
  return { ...filter, [kind]: { ...filter[kind], [level]: !filter[kind][level] } }
}

/** Hides a kind of which anything is shown, shows all of it otherwise. */
export function toggleKind(filter: Filter, kind: Kind): Filter {
  const next = !Object.values(filter[kind]).some(Boolean)
  return { ...filter, [kind]: Object.fromEntries(LEVELS.map((level) => [level, next])) as Record<LevelKey, boolean> }
}

/** All, some or none of a kind's levels that have anything to show. */
export function shownOf(filter: Filter, counts: Counts, kind: Kind): 'all' | 'some' | 'none' {
  const present = LEVELS.filter((level) => counts[kind][level] > 0)
  const relevant = present.length > 0 ? present : LEVELS
  const shown = relevant.filter((level) => filter[kind][level]).length
  if (shown === 0) return 'none'
  return shown === relevant.length ? 'all' : 'some'
}
