// The state of one import, from the file to the batch, and the questions along the way.
//
// Invariant: nothing is written before `commit`; a change of columns, kind or datum throws the preview away; a file that
// is not going to be written does not stay on the server.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { useDeed } from '../../../api/deed'
import {
  commitImport, dropImport, fetchFields, fetchImport, fetchMappings, startPreview, uploadFile,
  type Committed, type DatumCheck, type FieldInfo, type ImportJob, type Mapping, type SavedMapping, type Upload,
} from '../../../api/imports'
import { fromShanghai } from '../../../i18n/measure'

export const STEPS = ['file', 'columns', 'datum', 'preview', 'result'] as const
export type Step = (typeof STEPS)[number]
const POLL_MS = 600

/** The mapping as the server read it. */
export function mappingOf(upload: Upload, layer: string): Mapping {
  const columns = upload.layers.find(({ name }) => name === layer)?.columns ?? []
  return Object.fromEntries(columns.map(({ header, field }) => [header, field]))
}

/** A field that two columns are read as, `null` when there is none. */
export function doubled(mapping: Mapping): string | null {
  const seen = new Set<string>()
  for (const field of Object.values(mapping)) {
    if (field === null) continue
    if (seen.has(field)) return field
    seen.add(field)
  }
  return null
}

/** Lays a saved mapping over the file's own headers; headers that the file lacks are left out. */
export function laid(saved: Mapping, own: Mapping): Mapping {
  return Object.fromEntries(Object.entries(own).map(([header, field]) => [header, header in saved ? saved[header] ?? null : field]))
}

/** Reads the two columns of the position the other way round. */
export function exchanged(mapping: Mapping): Mapping {
  const other: Record<string, string> = { lon: 'lat', lat: 'lon' }
  return Object.fromEntries(Object.entries(mapping).map(([header, field]) => [header, field === null ? null : other[field] ?? field]))
}

export function useWizard() {
  const step = ref<Step>('file')
  const upload = shallowRef<Upload | null>(null)
  const kind = ref('shelter')
  const layer = ref('')
  const columns = shallowRef<Mapping>({})
  const datum = ref('wgs84')
  const observedAt = ref('')
  const confirmed = ref(false)
  const fields = shallowRef<FieldInfo[]>([])
  const mappings = shallowRef<SavedMapping[]>([])
  const job = shallowRef<ImportJob | null>(null)
  const committed = shallowRef<Committed | null>(null)
  const sending = useDeed()
  const writing = useDeed()
  let timer = 0
  let committing = false
  let asking = new AbortController()

  const layers = computed(() => upload.value?.layers ?? [])
  const present = computed(() => layers.value.find(({ name }) => name === layer.value) ?? null)
  const report = computed(() => job.value?.report ?? null)

  async function loadFields(): Promise<void> {
    fields.value = (await fetchFields(kind.value).catch(() => ({ fields: [] }))).fields
  }

  async function send(file: File): Promise<void> {
    const { signal } = asking
    const done = await sending.run(() => uploadFile(file, signal))
    if (!done) return
    const answer = done.value
    if (signal.aborted) {
      void dropImport(answer.id).catch(() => undefined)
      return
    }
    upload.value = answer
    kind.value = answer.suggested.kind ?? 'shelter'
    chooseLayer(answer.layers[0]?.name ?? '')
    mappings.value = (await fetchMappings().catch(() => ({ mappings: [] }))).mappings
    const suggested = mappings.value.find(({ name }) => name === answer.suggested.mapping)
    if (suggested) useMapping(suggested)
    await loadFields()
    step.value = 'columns'
  }

  function chooseLayer(name: string): void {
    layer.value = name
    if (upload.value) columns.value = mappingOf(upload.value, name)
    forget()
  }

  async function chooseKind(next: string): Promise<void> {
    kind.value = next
    forget()
    await loadFields()
  }

  function setColumn(header: string, field: string | null): void {
    columns.value = { ...columns.value, [header]: field }
    forget()
  }

  function useMapping(saved: SavedMapping): void {
    columns.value = laid(saved.columns, columns.value)
    if (saved.datum) datum.value = saved.datum
    forget()
  }

  function setDatum(next: string): void {
    datum.value = next
    confirmed.value = false
    forget()
  }

  function forget(): void {
    clearTimeout(timer)
    job.value = null
  }

  async function preview(): Promise<void> {
    const { value } = upload
    if (!value) return
    clearTimeout(timer)
    step.value = 'preview'
    job.value = { state: 'previewing', progress: null }
    const observed_at = fromShanghai(observedAt.value)
    const request = {
      kind: kind.value, datum: datum.value, columns: columns.value,
      ...(layers.value.length > 1 ? { layer: layer.value } : {}),
      ...(observed_at ? { observed_at } : {}),
      ...(confirmed.value ? { datum_confirmed: true as const } : {}),
    }
    const started = await writing.run(() => startPreview(value.id, request))
    if (started) await poll(value.id)
    else job.value = null
  }

  async function poll(id: string): Promise<void> {
    try {
      job.value = await fetchImport(id, asking.signal)
      if (job.value.state === 'previewing' || job.value.state === 'committing') timer = window.setTimeout(() => void poll(id), POLL_MS)
    } catch (error) {
      writing.error.value = error
    }
  }

  async function useLikely({ likely, likely_swapped }: Pick<DatumCheck, 'likely' | 'likely_swapped'>): Promise<void> {
    setDatum(likely)
    if (likely_swapped) columns.value = exchanged(columns.value)
    await preview()
  }

  async function confirmDatum(): Promise<void> {
    confirmed.value = true
    await preview()
  }

  async function commit(refused: 'stop' | 'leave_out'): Promise<void> {
    const { value } = upload
    if (!value) return
    timer = window.setTimeout(() => void poll(value.id), POLL_MS)
    committing = true
    const done = await writing.run(() => commitImport(value.id, refused))
    committing = false
    clearTimeout(timer)
    if (!done) {
      void poll(value.id)
      return
    }
    committed.value = done.value
    step.value = 'result'
  }

  /** Throws away on the server what was uploaded and is not going to be written. */
  function release(): void {
    if (upload.value && !committed.value && !committing) void dropImport(upload.value.id).catch(() => undefined)
  }

  /** The tab is closed or loaded anew; a page that is only put aside may come back and keeps its file. */
  function left({ persisted }: PageTransitionEvent): void {
    if (!persisted) release()
  }

  /** Starts anew. */
  function restart(): void {
    clearTimeout(timer)
    asking.abort()
    asking = new AbortController()
    release()
    upload.value = job.value = committed.value = null
    sending.error.value = writing.error.value = null
    confirmed.value = false
    observedAt.value = ''
    step.value = 'file'
  }

  addEventListener('pagehide', left)
  onScopeDispose(() => {
    removeEventListener('pagehide', left)
    clearTimeout(timer)
    asking.abort()
    release()
  })

  return {
    step, upload, kind, layer, layers, present, columns, datum, observedAt, confirmed, fields, mappings, job, report, committed, sending, writing,
    send, chooseLayer, chooseKind, setColumn, useMapping, setDatum, preview, useLikely, confirmDatum, commit, restart,
  }
}

export type Wizard = ReturnType<typeof useWizard>
