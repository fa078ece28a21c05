// Files on their way in: uploads, previews, saved mappings, local grids, feeds. Questions and wire types.
import { address, ask, askFile } from './http'
import type { Bilingual } from './schema'

export interface Column {
  header: string
  field: string | null
  samples: string[]
}

export interface UploadLayer {
  name: string
  rows: number
  crs?: string | null
  columns: Column[]
}

export interface Upload {
  id: string
  name: string
  bytes: number
  sha256: string
  format: string
  encoding?: string | null
  layers: UploadLayer[]
  suggested: { kind: string | null; mapping: string | null }
  expires_at: string
}

export type Mapping = Record<string, string | null>

export interface PreviewRequest {
  kind: string
  datum: string
  layer?: string
  columns?: Mapping
  observed_at?: string
  datum_confirmed?: true
}

export const ROW_CLASSES = ['new', 'changed', 'same', 'refused'] as const
export const ROW_FLAGS = ['possible_duplicate', 'stacked_pin', 'outside_its_division', 'outside_district'] as const
export type RowClass = (typeof ROW_CLASSES)[number]
export type RowFlag = (typeof ROW_FLAGS)[number]

/** How one coordinate system fares against what is known. */
export interface DatumHypothesis {
  datum: string
  /** The two numbers are the other way round. */
  swapped: boolean
  probability: number
  /** Median distance to the known sites, metres. */
  known_distance_m: number | null
  outside_claimed_division: number
}

/** Whether the declared coordinate system agrees with what is known. */
export interface DatumCheck extends Bilingual {
  declared: string
  likely: string
  likely_swapped: boolean
  judgement: 'borne_out' | 'not_enough_evidence' | 'contradicted'
  stop: boolean
  overridden: boolean
  shift_m: number | null
  confidence: number
  rows_against: number
  rows_known: number
  rows_in_division: number
  rows_in_outline: number
  rows_weighed: number
  hypotheses: DatumHypothesis[]
}

export interface ImportReport {
  file: string
  kind: string
  datum: string
  revision: number
  committed: boolean
  rows: number
  new: number
  changed: number
  same: number
  refused: number
  notes: string[]
  classes?: Partial<Record<RowClass | RowFlag, number>> | null
  datum_check?: DatumCheck | null
}

export interface ImportJob {
  state: 'uploaded' | 'previewing' | 'ready' | 'committing' | 'committed' | 'failed'
  progress?: { done: number; total: number } | null
  report?: ImportReport | null
  problem?: { title?: string; detail?: string; violations?: (Bilingual & { field: string })[] } | null
}

export interface Position {
  lon: number
  lat: number
}

export interface PreviewRow {
  row: number
  class: RowClass
  flags: (Bilingual & { word: RowFlag; other?: { id?: string | null; name?: string | null; distance_m?: number | null } | null })[]
  id?: string | null
  code?: string | null
  name?: string | null
  before: Position | null
  after: Position | null
  changes: { field: string; before: unknown; after: unknown }[]
  violations: (Bilingual & { field: string; reason: string })[]
}

export interface PreviewRows {
  rows: PreviewRow[]
  next: string | number | null
}

export interface Committed {
  /** `null` when there was nothing to write. */
  batch: number | null
  revision: number
  report: ImportReport
}

export interface SavedMapping {
  name: string
  kind: string
  datum?: string | null
  columns: Mapping
  /** Which writing of it this is; a mapping that is not kept yet has none. */
  version?: number
}

export interface FieldInfo extends Bilingual {
  name: string
  form: string
  choices?: (Bilingual & { word: string })[] | null
}

export const UPLOAD_MAX_BYTES = 128 * 1024 * 1024
const one = (id: string) => `/api/imports/${encodeURIComponent(id)}`
const signalled = (signal?: AbortSignal) => (signal ? { signal } : {})

export const uploadFile = (file: File, signal: AbortSignal) => ask<Upload>(address('/api/imports', { name: file.name }), { method: 'POST', bytes: file, signal })
export const startPreview = (id: string, body: PreviewRequest) => ask<unknown>(`${one(id)}/preview`, { method: 'POST', body })
export const fetchImport = (id: string, signal?: AbortSignal) => ask<ImportJob>(one(id), signalled(signal))
export const fetchPreviewRows = (id: string, query: { class?: RowClass | RowFlag | null; after?: string | number | null; limit: number }, signal?: AbortSignal) =>
  ask<PreviewRows>(address(`${one(id)}/rows`, query), signalled(signal))
/** Writes what was previewed; refused rows stop it, or are left out. */
export const commitImport = (id: string, refused: 'stop' | 'leave_out') => ask<Committed>(address(`${one(id)}/commit`, { refused }), { method: 'POST' })
export const fetchAnnotated = (id: string) => askFile(`${one(id)}/annotated`)
/** Throws an upload away; also when the page is being left. */
export const dropImport = (id: string) => ask<null>(one(id), { method: 'DELETE', keepalive: true })

export const fetchMappings = (signal?: AbortSignal) => ask<{ mappings: SavedMapping[] }>('/api/mappings', signalled(signal))
export const putMapping = ({ name, version, ...body }: SavedMapping) =>
  ask<unknown>(`/api/mappings/${encodeURIComponent(name)}`, {
    method: 'PUT',
    body,
    headers: version === undefined ? { 'If-None-Match': '*' } : { 'If-Match': `"v${version}"` },
  })
export const fetchFields = (kind: string, signal?: AbortSignal) => ask<{ fields: FieldInfo[] }>(address('/api/fields', { kind }), signalled(signal))

export interface ControlPoint {
  x: number
  y: number
  lon: number
  lat: number
}

export interface GridRequest {
  points: ControlPoint[]
  model: 'helmert' | 'affine'
  central_meridian_deg?: number
}

export interface GridFit {
  rms_m: number
  central_meridian_deg: number
  residuals: { point: number; east_m: number; north_m: number; distance_m: number }[]
  /** The point that does not go with the others, from 1. */
  outlier: number | null
  /** What is to be known about the fit, Chinese and English. */
  notes: [zh: string, en: string][]
}

/** A grid that is kept; files are declared to be in `local:NAME`. */
export interface Grid {
  name: string
  fit: GridFit
}

export const fetchGrids = (signal?: AbortSignal) => ask<{ grids: Grid[] }>('/api/grids', signalled(signal))
export const fitGrid = (body: GridRequest) => ask<GridFit>('/api/grids/fit', { method: 'POST', body })
export const putGrid = (name: string, body: GridRequest) => ask<unknown>(`/api/grids/${encodeURIComponent(name)}`, { method: 'PUT', body })
