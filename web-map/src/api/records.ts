// Reading and changing the records of resources: whole tables, one document, its history, an export.
import type { Feature } from 'geojson'
import { address, ask, askTagged, type Tagged } from './http'
import type { Kind, ResourceDocument } from './schema'

/** Collection of each kind, as in `/ogc`. */
export const COLLECTIONS: Record<Kind, string> = {
  shelter: 'shelters', warehouse: 'warehouses', storage_point: 'storage_points', team: 'teams', site: 'sites',
}
export const EXPORTS = ['xlsx', 'csv', 'geojson', 'gpkg', 'shp.zip', 'kml', 'kmz', 'gpx', 'fgb', 'html'] as const
export type ExportFormat = (typeof EXPORTS)[number]

/** Most rows that a table holds; what is beyond is told. */
export const ROWS_MAX = 20_000
const PAGE = 5_000

export interface Rows {
  rows: ResourceDocument[]
  total: number
}

/** Loads all records of a kind, page by page, as they are or as they were at `as_of`. */
export async function fetchRows(kind: Kind, as_of: string | null, signal: AbortSignal): Promise<Rows> {
  const rows: ResourceDocument[] = []
  let cursor: string | null = null
  for (;;) {
    const url: string = address(`/ogc/collections/${COLLECTIONS[kind]}/items`, { limit: PAGE, cursor, as_of })
    const page: ItemsPage = await ask<ItemsPage>(url, { signal, headers: { Accept: 'application/geo+json' } })
    for (const { properties, geometry } of page.features) rows.push({ ...properties, geometry: geometry as NonNullable<ResourceDocument['geometry']> })
    cursor = nextCursor(page)
    if (cursor === null || rows.length >= ROWS_MAX) return { rows, total: page.numberMatched ?? rows.length }
  }
}

interface ItemsPage {
  features: Feature<NonNullable<ResourceDocument['geometry']>, ResourceDocument>[]
  numberMatched?: number
  links?: { rel: string; href: string }[]
}

function nextCursor({ links }: ItemsPage): string | null {
  const next = links?.find((link) => link.rel === 'next')
  return next ? new URL(next.href).searchParams.get('cursor') : null
}

const resource = (id: string) => `/api/resources/${encodeURIComponent(id)}`

export const readRecord = (id: string, as_of: string | null, signal: AbortSignal): Promise<Tagged<ResourceDocument>> =>
  askTagged<ResourceDocument>(address(resource(id), { as_of, freshness: true }), { signal })

/** What a merge patch may say of a record. */
export type Patch = Record<string, unknown>

export interface Reasoned {
  etag: string
  reason?: string
}

const because = (reason?: string): Record<string, string> => (reason ? { 'X-Reason': encodeURIComponent(reason) } : {})

/** Changes some fields of a record at a known version; 412 when it is at another. */
export function patchRecord(id: string, patch: Patch, { etag, reason }: Reasoned): Promise<Tagged<ResourceDocument>> {
  const headers = { 'If-Match': etag, ...because(reason) }
  return askTagged<ResourceDocument>(resource(id), { method: 'PATCH', body: patch, headers })
}

/** Makes a record; 412 when there is one of this id. The key makes a repetition harmless. */
export function createRecord(id: string, document: Patch, { key, reason }: { key: string; reason?: string }): Promise<Tagged<ResourceDocument>> {
  const headers = { 'If-None-Match': '*', 'Idempotency-Key': key, ...because(reason) }
  return askTagged<ResourceDocument>(resource(id), { method: 'PUT', body: document, headers })
}

/** Removes a record at a known version; its history stays. */
export const removeRecord = (id: string, { etag, reason }: Reasoned): Promise<null> =>
  ask<null>(resource(id), { method: 'DELETE', headers: { 'If-Match': etag, ...because(reason) } })

/** Brings a record back to what it was at a revision. */
export const restoreRecord = (id: string, revision: number, etag: string): Promise<Tagged<ResourceDocument>> =>
  askTagged<ResourceDocument>(`${resource(id)}/restore`, { method: 'POST', body: { revision }, headers: { 'If-Match': etag } })

/** The version of a document in the form of its ETag. */
export const etagOf = (doc: Pick<ResourceDocument, 'revision'>): string => `"r${doc.revision ?? 0}"`

export interface ExportQuery {
  datum: string
  division?: string | null
  status?: string | null
  level?: string | null
  q?: string | null
}

/** The address of an export. */
export const exportUrl = (kind: Kind, format: ExportFormat, query: ExportQuery): string => address(`/api/export/${COLLECTIONS[kind]}.${format}`, { ...query })
export const templateUrl = (kind: string): string => `/api/templates/${kind}.xlsx`
