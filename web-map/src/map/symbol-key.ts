// What a symbol shows, as a short text: it is the map image's id, so that symbols are drawn only when first needed.
//
// Form: `theme.lang|kind|variant|level|mark`. Invariant: `symbolImage` builds in the map exactly what `symbolKey` writes.
import type { Kind, SlimProperties } from '../api/schema'
import type { Theme } from '../design/theme'
import type { Lang } from '../i18n/lang'

export const KINDS: readonly Kind[] = ['shelter', 'warehouse', 'storage_point', 'team', 'site']
export const LEVELS = ['city', 'district', 'town', 'village', 'none'] as const
export type LevelKey = (typeof LEVELS)[number]

export interface Look {
  theme: Theme
  lang: Lang
}

/** Level of a feature, `none` when it has none. */
export function levelKey(properties: Pick<SlimProperties, 'level'>): LevelKey {
  return properties.level ?? 'none'
}

/** The state or class that changes how a symbol is drawn; `idle` for what is not in service. */
export function variantOf(p: SlimProperties): string {
  if (p.lifecycle && p.lifecycle !== 'in_service') return 'idle'
  switch (p.kind) {
    case 'shelter': return p.status ?? 'unknown'
    case 'team': return p.readiness ?? 'unknown'
    case 'site': return p.class ?? 'other'
    default: return p.tier === null || p.tier === undefined ? 'unknown' : String(p.tier)
  }
}

/** What is drawn on a symbol besides: a lock on what only staff may know of. */
export type Mark = 'lock' | ''

export function markOf(p: Pick<SlimProperties, 'visibility'>): Mark {
  return p.visibility === 'operational' ? 'lock' : ''
}

/** The image id of a feature's symbol. */
export function symbolKey(look: Look, kind: Kind, variant: string, level: LevelKey, mark: Mark = ''): string {
  return `${look.theme}.${look.lang}|${kind}|${variant}|${level}|${mark}`
}

/** The expression that builds the image id from the properties `kind`, `variant`, `level` and `mark` of a point. */
export function symbolImage(look: Look): unknown[] {
  return ['concat', `${look.theme}.${look.lang}|`, ['get', 'kind'], '|', ['get', 'variant'], '|', ['get', 'level'], '|', ['get', 'mark']]
}

/** Parts per kind into which a cluster's ring is divided. */
export const RING_PARTS = 12

/** The expression for a cluster's image id: `theme.lang|cluster|a,b,c,d,e|size`, shares in twelfths. */
export function clusterImage(look: Look): unknown[] {
  const share = (kind: Kind) => ['to-string', ['ceil', ['*', RING_PARTS, ['/', ['get', kind], ['get', 'point_count']]]]]
  const shares = KINDS.flatMap((kind, i) => (i === 0 ? [share(kind)] : [',', share(kind)]))
  const size = ['step', ['get', 'point_count'], 's', 20, 'm', 200, 'l', 5000, 'x']
  return ['concat', `${look.theme}.${look.lang}|cluster|`, ...shares, '|', size]
}
