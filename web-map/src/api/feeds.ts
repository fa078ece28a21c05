// Sources that refresh by themselves: the questions and their wire types.
import { address, ask } from './http'
import type { ImportReport } from './imports'

export interface FeedSettings {
  name: string
  source: { url: string } | { folder: string }
  format?: string | null
  kind: string
  datum: string
  mapping?: string | null
  every_s: number
  /** Share of its rows, 0…1, that a feed may lose at once; beyond it a run is held back. */
  shrink_max_share: number
  /** Share of its rows, 0…1, that may be refused and left out. */
  refused_max_share?: number
  /** What becomes of things that vanished from the file. */
  missing?: 'keep' | 'retire'
  /** Division within which it may write. */
  scope?: string | null
  enabled: boolean
  /** Only written, never told. */
  credentials?: string | null
}

export interface Feed extends FeedSettings {
  state: string
  last_run: FeedRun | null
  next_run_at: string | null
  failures: number
  has_credentials: boolean
  quarantined_run: number | null
}

export interface FeedRun {
  run: number
  state: string
  started_at: string
  finished_at: string
  asked_by?: string | null
  batch?: number | null
  /** Things that vanished from the file since the last good run, and how many were marked as retired. */
  missing: number
  retired: number
  /** Why it failed or was held back, "Chinese / English". */
  problem?: string | null
  decided_by?: string | null
  report?: ImportReport | null
}

const one = (name: string) => `/api/feeds/${encodeURIComponent(name)}`

export const fetchFeeds = (signal: AbortSignal) => ask<{ feeds: Feed[] }>('/api/feeds', { signal })
export const createFeed = (body: FeedSettings) => ask<Feed>('/api/feeds', { method: 'POST', body })
export const putFeed = ({ name, ...body }: FeedSettings) => ask<Feed>(one(name), { method: 'PUT', body: { name, ...body } })
export const deleteFeed = (name: string) => ask<null>(one(name), { method: 'DELETE' })
export const runFeed = (name: string) => ask<unknown>(`${one(name)}/run`, { method: 'POST' })
export const fetchRuns = (name: string, before: number | null, signal: AbortSignal) =>
  ask<{ runs: FeedRun[]; next: number | null }>(address(`${one(name)}/runs`, { before }), { signal })
export const decideRun = (name: string, run: number, decision: 'release' | 'discard') =>
  ask<unknown>(`${one(name)}/runs/${run}/${decision}`, { method: 'POST' })
