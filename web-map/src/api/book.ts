// The book of the store: history, batches, reports of errors, freshness. Questions and wire types.
import { address, ask, askFile } from './http'
import type { Contact, Kind } from './schema'

export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

/** What a change is about. */
export interface Subject {
  kind: 'resource' | 'division' | 'demand' | 'correction'
  id: string
  name?: string | null
}

export interface Entry {
  revision: number
  batch: number
  at: string
  actor: string
  reason?: string | null
  subject: Subject
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
  subjects: Subject[]
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

/** Undoes the change of a resource at a revision, without one its latest; `null` when there is none to undo. */
export async function undoChange(resource: string, revision?: number): Promise<Undone | null> {
  const { entries } = await fetchEntries({ resource }, null)
  const entry = revision === undefined ? entries[0] : entries.find((e) => e.revision === revision)
  return entry ? undoBatch(entry.batch) : null
}

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
  /** `null` when it is no longer public. */
  resource: { id: string; name: string } | null
}

/** What staff know of it besides. */
export interface Report extends Omit<Receipt, 'resource'> {
  /** As it is now; without a name when it is gone. */
  resource: { id: string; name: string | null; lon?: number | null; lat?: number | null }
  people_affected?: number | null
  fault: Fault
  message: string
  lon?: number | null
  lat?: number | null
  contact?: string | null
  contact_erased?: boolean
  photo?: boolean | null
  division?: string | null
  division_name?: string | null
  answered_by?: string | null
}

export interface Inbox {
  reports: Report[]
  next: string | null
  /** How many wait for an answer, and how many of them too long. */
  open: number
  overdue: number
}

export interface Verdict {
  state: 'accepted' | 'rejected'
  reply: string
  patch?: Record<string, unknown>
}

/** What came of an answer. */
export interface Answered {
  receipt: string
  state: CorrectionState
  reply: string | null
  answered_at: string | null
  batch: number
}

const correction = (receipt: string) => `/api/corrections/${encodeURIComponent(receipt)}`

export const postReport = (body: NewReport) => ask<{ receipt: string; due_at: string }>('/api/corrections', { method: 'POST', body })
export const fetchReceipt = (receipt: string, signal: AbortSignal) => ask<Receipt>(correction(receipt), { signal })
export const fetchInbox = (query: { state?: CorrectionState; division?: string }, before: Before, signal: AbortSignal) =>
  ask<Inbox>(address('/api/corrections', { ...query, before, limit: 50 }), { signal })
export const fetchPhoto = async (receipt: string, signal: AbortSignal) => (await askFile(`${correction(receipt)}/photo`, { signal })).bytes
/** Answers a report; what it changes was made for the version `etag` of the resource. */
export const answerReport = (receipt: string, verdict: Verdict, etag: string | null) =>
  ask<Answered>(`${correction(receipt)}/answer`, { method: 'POST', body: verdict, headers: verdict.patch && etag ? { 'If-Match': etag } : {} })

export interface Freshness {
  as_of: string
  summary: { kind: Kind; resources: number; never_observed: number; stale: number }[]
  calls: Call[]
  calls_total: number
  people_total: number
}

export interface Call {
  id: string
  name: string
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
  report_factor: number
  report_floor: number
  report_due_days: Record<string, number>
  report_due_days_by_division: Record<string, number>
  report_photo_days: number
  report_contact_days: number
  version: number
}

export const fetchFreshnessSettings = (signal: AbortSignal) => ask<FreshnessSettings>('/api/settings/freshness', { signal })
export const putFreshnessSettings = ({ version, half_life_days, report_factor, report_floor, report_due_days, report_due_days_by_division, report_photo_days, report_contact_days }: FreshnessSettings) =>
  ask<FreshnessSettings>('/api/settings/freshness', {
    method: 'PUT',
    body: { half_life_days, report_factor, report_floor, report_due_days, report_due_days_by_division, report_photo_days, report_contact_days },
    headers: { 'If-Match': `"v${version}"` },
  })
