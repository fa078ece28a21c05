// The live picture for a page: loads all layers, follows the feed, tells the page what changed.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { fetchDivisions, fetchLayer, fetchMeta } from '../api/queries'
import { isAbort } from '../api/problem'
import type { DivisionLayer, Kind, LiveChange, LiveReset, Meta } from '../api/schema'
import { openLive, type LiveState } from './connection'
import { applyChange, completeTo, load, type Patch, type Picture } from './picture'

const KINDS: readonly Kind[] = ['shelter', 'warehouse', 'storage_point', 'team', 'site']
/** Resets that arrive together are answered by one reload. */
const RESET_WAIT_MS = 300

export interface LivePicture {
  picture: Picture
  /** Rises with every load and change; watch it to recount. */
  version: ShallowRef<number>
  /** Rises when points must be drawn afresh: a load or a reset. */
  loads: ShallowRef<number>
  meta: ShallowRef<Meta | null>
  divisions: ShallowRef<DivisionLayer | null>
  state: ShallowRef<LiveState>
  revision: ShallowRef<number>
  /** Rises when roads were closed or opened. */
  closed: ShallowRef<number>
  changedAt: ShallowRef<number | null>
  failure: ShallowRef<unknown>
  loading: ShallowRef<boolean>
  start: () => Promise<void>
}

export function useLivePicture(onPatch: (patch: Patch, change: LiveChange) => void): LivePicture {
  const picture: Picture = new Map()
  const live: LivePicture = {
    picture,
    version: shallowRef(0), loads: shallowRef(0), meta: shallowRef(null), divisions: shallowRef(null),
    state: shallowRef<LiveState>('connecting'), revision: shallowRef(0), closed: shallowRef(0), changedAt: shallowRef(null),
    failure: shallowRef(null), loading: shallowRef(true), start,
  }
  let close: (() => void) | null = null
  let asking = new AbortController()
  let pending = new Set<LiveReset['kinds'][number]>()
  let timer = 0
  let seen = 0

  async function fetchKinds(kinds: readonly Kind[], signal: AbortSignal): Promise<void> {
    await Promise.all(kinds.map(async (kind) => {
      const layer = await fetchLayer(kind, signal)
      load(picture, kind, layer)
      live.revision.value = Math.max(live.revision.value, layer.revision)
      live.version.value += 1
      live.loads.value += 1
    }))
  }

  async function start(): Promise<void> {
    close?.()
    asking.abort()
    asking = new AbortController()
    const { signal } = asking
    live.failure.value = null
    live.loading.value = true
    picture.clear()
    try {
      const meta = fetchMeta(signal).then((value) => (live.meta.value = value))
      const divisions = fetchDivisions(signal).then((value) => (live.divisions.value = value))
      await Promise.all([meta, divisions, fetchKinds(KINDS, signal)])
      seen = completeTo(picture)
      close = openLive({ after: () => seen, onChange, onReset, onState: (state) => (live.state.value = state) })
    } catch (error) {
      if (!isAbort(error)) live.failure.value = error
    } finally {
      if (!signal.aborted) live.loading.value = false
    }
  }

  function onChange(change: LiveChange): void {
    seen = Math.max(seen, change.revision)
    live.revision.value = Math.max(live.revision.value, change.revision)
    live.changedAt.value = Date.now()
    const patch = applyChange(picture, change)
    if (!patch) return
    live.version.value += 1
    onPatch(patch, change)
  }

  function onReset({ revision, kinds }: LiveReset): void {
    seen = Math.max(seen, revision)
    live.revision.value = Math.max(live.revision.value, revision)
    live.changedAt.value = Date.now()
    if (kinds.includes('closures')) live.closed.value += 1
    const wanted = kinds.filter((kind) => kind !== 'closures' && kind !== 'corrections')
    if (wanted.length === 0) return
    wanted.forEach((kind) => pending.add(kind))
    clearTimeout(timer)
    timer = window.setTimeout(() => void reload(), RESET_WAIT_MS)
  }

  async function reload(): Promise<void> {
    const wanted = pending
    pending = new Set()
    const { signal } = asking
    try {
      await fetchKinds(KINDS.filter((kind) => wanted.has(kind)), signal)
      if (wanted.has('divisions')) live.divisions.value = await fetchDivisions(signal)
      live.meta.value = await fetchMeta(signal)
    } catch (error) {
      if (isAbort(error)) return
      live.failure.value = error
      wanted.forEach((kind) => pending.add(kind))
    }
  }

  onScopeDispose(() => {
    close?.()
    asking.abort()
    clearTimeout(timer)
  })
  return live
}
