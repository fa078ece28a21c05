// The book of the store: history, batches, reports of errors, freshness. Questions and wire types.
import { address, ask, askBlob } from './http'
import type { Contact, Kind } from './schema'

export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

export interface Entry {
  revision: number
  batch: number
  at: string
  actor: string
  reason?: string | null
  subject: { kind: string; id: string; name?: string | null }
  op: 'created' | 'changed' | 'removed'
  changes: FieldChange[]
}

export interface Entries {
  entries: Entry[]
  next: string | number | null
}

export interface Batch {
  batch: number
  last: number
  entries: number
  at: string
  actor: string
  reason?: string | null
  subjects: { kind: string; id: string; name?: string | null }[]
}

export interface Batches {
  batches: Batch[]
  next: string | number | null
}

export interface Undone {
  batch: number
  revision: number
  entries: number
}

export interface LogFilter {
  actor?: string | null
  from?: string | null
  until?: string | null
}

export interface EntryFilter extends LogFilter {
  resource?: string
  batch?: number
}

type Before = string | number | null

export const fetchEntries = (filter: EntryFilter, before: Before, signal?: AbortSignal) =>
  ask<Entries>(address('/api/history', { ...filter, before, limit: 50 }), signal ? { signal } : {})
export const fetchBatches = (filter: LogFilter, before: Before, signal: AbortSignal) =>
  ask<Batches>(address('/api/batches', { ...filter, before, limit: 50 }), { signal })
export const undoBatch = (batch: number, reason?: string) => ask<Undone>(`/api/batches/${batch}/undo`, { method: 'POST', body: reason ? { reason } : {} })

export const FAULTS = ['moved', 'closed', 'wrong_phone', 'wrong_name', 'wrong_capacity', 'no_access', 'other'] as const
export type Fault = (typeof FAULTS)[number]
export type CorrectionState = 'open' | 'accepted' | 'rejected'

export interface NewReport {
  resource: string
  fault: Fault
  message: string
  lon?: number
  lat?: number
  datum?: 'wgs84'
  contact?: string
  /** Base 64 of a JPEG, PNG or WebP of at most 2 MiB. */
  photo?: string
}

/** What the reporter may know of a report. */
export interface Receipt {
  receipt: string
  state: CorrectionState
  reported_at: string
  due_at: string
  reply?: string | null
  answered_at?: string | null
  resource: { id: string; name: string; name_en?: string | null }
}

/** What staff know of it besides. */
export interface Report extends Receipt {
  fault: Fault
  message: string
  lon?: number | null
  lat?: number | null
  contact?: string | null
  photo?: boolean | null
  division?: string | null
  division_name?: string | null
  answered_by?: string | null
}

export interface Inbox {
  corrections: Report[]
  next: string | number | null
}

export interface Verdict {
  state: 'accepted' | 'rejected'
  reply: string
  patch?: Record<string, unknown>
}

const correction = (receipt: string) => `/api/corrections/${encodeURIComponent(receipt)}`

export const postReport = (body: NewReport) => ask<{ receipt: string; due_at: string }>('/api/corrections', { method: 'POST', body })
export const fetchReceipt = (receipt: string, signal: AbortSignal) => ask<Receipt>(correction(receipt), { signal })
export const fetchInbox = (query: { state?: CorrectionState; division?: string }, before: Before, signal: AbortSignal) =>
  ask<Inbox>(address('/api/corrections', { ...query, before, limit: 50 }), { signal })
export const fetchPhoto = (receipt: string, signal: AbortSignal) => askBlob(`${correction(receipt)}/photo`, { signal })
export const answerReport = (receipt: string, verdict: Verdict) => ask<Report>(`${correction(receipt)}/answer`, { method: 'POST', body: verdict })

export interface Freshness {
  as_of: string
  summary: { kind: Kind; resources: number; never_observed: number; stale: number }[]
  calls: Call[]
  next?: string | null
}

export interface Call {
  id: string
  name: string
  name_en?: string | null
  kind: Kind
  division?: string | null
  division_name?: string | null
  oldest: { field: string; observed_at?: string | null; age_s?: number | null; confidence?: number | null }
  open_reports: number
  people_affected: number | null
  contacts?: Contact[] | null
}

export interface FreshnessQuery {
  older_than_days: number
  kind?: Kind | null
  division?: string | null
  limit?: number
}

export const fetchFreshness = (query: FreshnessQuery, signal: AbortSignal) => ask<Freshness>(address('/api/freshness', { ...query }), { signal })

export interface FreshnessSettings {
  half_life_days: Record<string, number>
  report_due_days: Record<string, number>
}

export const fetchFreshnessSettings = (signal: AbortSignal) => ask<FreshnessSettings>('/api/settings/freshness', { signal })
export const putFreshnessSettings = (body: FreshnessSettings) => ask<FreshnessSettings>('/api/settings/freshness', { method: 'PUT', body })
