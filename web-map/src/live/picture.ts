// The picture in memory: the slim features of every kind, kept current by live changes.
//
// Invariant: a change is applied once. What is not newer than the revision at which its kind was loaded, or than the
// last change of the same resource, is dropped, so a replay after a break is harmless.
import type { Kind, Layer, LiveChange, SlimFeature } from '../api/schema'

interface KindPicture {
  revision: number
  features: Map<string, SlimFeature>
  touched: Map<string, number>
}

export type Picture = Map<Kind, KindPicture>

/** What a change means for the map: ids to take away, features to put there. */
export interface Patch {
  remove: SlimFeature | null
  add: SlimFeature | null
}

/** Replaces one kind by a freshly loaded layer, keeping what changed after the layer was made. */
export function load(picture: Picture, kind: Kind, layer: Layer): void {
  const features = new Map(layer.features.map((feature) => [feature.properties.id, feature]))
  const touched = new Map<string, number>()
  const before = picture.get(kind)
  for (const [id, revision] of before?.touched ?? []) {
    if (revision <= layer.revision) continue
    const newer = before?.features.get(id)
    if (newer) features.set(id, newer)
    else features.delete(id)
    touched.set(id, revision)
  }
  picture.set(kind, { revision: layer.revision, features, touched })
}

/** Applies a change; `null` when it says nothing new or its kind is not loaded. */
export function applyChange(picture: Picture, change: LiveChange): Patch | null {
  const known = picture.get(change.kind)
  if (!known || change.revision <= Math.max(known.revision, known.touched.get(change.id) ?? 0)) return null
  known.touched.set(change.id, change.revision)
  const before = known.features.get(change.id) ?? null
  const after = change.op === 'upsert' ? change.feature : null
  if (after) known.features.set(change.id, after)
  else known.features.delete(change.id)
  return before || after ? { remove: before, add: after } : null
}

/** The revision up to which every loaded kind is complete; 0 before anything is loaded. */
export function completeTo(picture: Picture): number {
  let lowest = Infinity
  for (const { revision } of picture.values()) lowest = Math.min(lowest, revision)
  return Number.isFinite(lowest) ? lowest : 0
}

/** Every feature, kind by kind. */
export function* everyFeature(picture: Picture): Generator<SlimFeature> {
  for (const { features } of picture.values()) yield* features.values()
}

/** The feature of an id, whatever its kind. */
export function find(picture: Picture, id: string): SlimFeature | null {
  for (const { features } of picture.values()) {
    const feature = features.get(id)
    if (feature) return feature
  }
  return null
}
