// Turns a resource document into the sections and rows of the drawer.
//
// Invariant: a field that is unknown is shown as a dash, so that what is missing can be seen; each section carries the
// time at which its own fields were observed.
import type { ResourceDocument } from '../../../api/schema'
import { td } from '../../../i18n/detail'
import { count, lang } from '../../../i18n/lang'
import { areaText, shanghaiTime, type Pace } from '../../../i18n/measure'
import * as staff from '../../../i18n/staff-words'
import { hazard, level, lifecycle, status, word } from '../../../i18n/words'

export interface Row {
  label: string
  value: string
  /** Time at which this field itself was observed, where it has one apart from its section's. */
  observed?: string
  pace?: Pace
}

export interface Section {
  title: string
  /** RFC 3339 time at which these fields were observed, `null` when unknown. */
  observed: string | null
  /** How fast these fields grow old. */
  pace: Pace
  /** How far they may still be trusted, 0…1, where the server tells. */
  confidence?: number | null
  rows: Row[]
}

type Words = Parameters<typeof word>[0]

const text = (value: string | null | undefined): string => value || '—'
const flag = (value: boolean | null | undefined): string => (value === null || value === undefined ? '—' : td(value ? 'yes' : 'no'))
const list = (words: Words, values: readonly string[] | null | undefined): string =>
  values && values.length > 0 ? values.map((value) => word(words, value)).join(lang.value === 'zh' ? '、' : ', ') : '—'
const area = (value: number | null | undefined): string => (value === null || value === undefined ? '—' : areaText(value))
const place = (lon: number | null | undefined, lat: number | null | undefined): string =>
  lon === null || lon === undefined || lat === null || lat === undefined ? '—' : `${lon.toFixed(6)}, ${lat.toFixed(6)}`

/** Returns the time of a group of fields; without one the group rests on the record's own. */
function observed(doc: ResourceDocument, field: string): string | null {
  return doc.observed?.[field] ?? doc.observed?.record ?? doc.observed_at ?? null
}

/** Returns how far a group of fields may be trusted, `null` when nobody can tell. */
const trusted = (doc: ResourceDocument, field: string): number | null => doc.freshness?.fields[field]?.confidence ?? null

const row = (label: Parameters<typeof td>[0], value: string): Row => ({ label: td(label), value })

/** A row whose field is verified on its own, such as a capacity that is older than the status above it. */
function ownRow(doc: ResourceDocument, field: string, pace: Pace, plain: Row): Row {
  const time = doc.observed?.[field]
  return time ? { ...plain, observed: time, pace } : plain
}

/** How many more people are inside than there are places; 0 when there are not, or nobody knows. */
export function overBy({ capacity, occupied }: Pick<ResourceDocument, 'capacity' | 'occupied'>): number {
  return typeof capacity === 'number' && typeof occupied === 'number' ? Math.max(0, occupied - capacity) : 0
}

/** Returns the sections for one resource, most urgent first. */
export function sections(doc: ResourceDocument): Section[] {
  return [...(KIND_SECTIONS[doc.kind]?.(doc) ?? []), positionSection(doc), partySection(doc), provenanceSection(doc)]
}

const KIND_SECTIONS: Record<string, (doc: ResourceDocument) => Section[]> = {
  shelter: (doc) => [stateSection(doc), shelterSection(doc)],
  warehouse: (doc) => [storeSection(doc)],
  storage_point: (doc) => [storeSection(doc)],
  team: (doc) => [teamSection(doc)],
  site: (doc) => [{ title: td('classes'), observed: observed(doc, 'record'), confidence: trusted(doc, 'record'), pace: 'survey', rows: [row('siteClass', word(staff.site, doc.class)), row('level', word(level, doc.level))] }],
}

function stateSection(doc: ResourceDocument): Section {
  return {
    title: td('state'), observed: observed(doc, 'status'), confidence: trusted(doc, 'status'), pace: 'state',
    rows: [
      row('status', word(status, doc.status)), row('free', overBy(doc) > 0 ? td('overBy', { free: count(doc.free_places), n: count(overBy(doc)) }) : count(doc.free_places)), ownRow(doc, 'capacity', 'survey', row('capacity', count(doc.capacity))),
      row('quality', word(staff.quality, doc.capacity_quality)), ownRow(doc, 'occupancy', 'state', row('occupied', count(doc.occupied))),
      row('reserved', count(doc.reserved)), row('blocked', count(doc.blocked)),
    ],
  }
}

function shelterSection(doc: ResourceDocument): Section {
  return {
    title: td('classes'), observed: observed(doc, 'record'), confidence: trusted(doc, 'record'), pace: 'survey',
    rows: [
      row('level', word(level, doc.level)), row('standing', word(staff.standing, doc.standing)), row('duration', word(staff.duration, doc.duration)),
      row('space', word(staff.space, doc.space)), row('function', word(staff.functionClass, doc.function)), row('legacy', text(doc.legacy_class)),
      row('hazards', list(hazard, doc.hazards)), row('facilities', list(staff.facility, doc.facilities)),
      row('accessible', flag(doc.accessible)), row('pets', flag(doc.pets)), row('area', area(doc.area_m2)),
    ],
  }
}

function storeSection(doc: ResourceDocument): Section {
  const volume = doc.volume_m3 === null || doc.volume_m3 === undefined ? '—' : td('cubicMetres', { n: count(doc.volume_m3) })
  return {
    title: td('store'), observed: observed(doc, 'stock'), confidence: trusted(doc, 'stock'), pace: 'stock',
    rows: [row('tier', word(staff.tier, doc.tier)), row('level', word(level, doc.level)), row('area', area(doc.area_m2)), row('volume', volume)],
  }
}

function teamSection(doc: ResourceDocument): Section {
  return {
    title: td('force'), observed: observed(doc, 'readiness'), confidence: trusted(doc, 'readiness'), pace: 'state',
    rows: [
      row('readiness', word(staff.readiness, doc.readiness)), row('category', word(staff.category, doc.category)), row('headcount', count(doc.headcount)),
      row('level', word(level, doc.level)), row('capabilities', list(staff.capability, doc.capabilities)),
      row('current', doc.current ? `${place(doc.current.lon, doc.current.lat)} · ${shanghaiTime(doc.current.observed_at)}` : '—'),
    ],
  }
}

function positionSection(doc: ResourceDocument): Section {
  const declared = doc.declared ? `${doc.declared.datum.toUpperCase()} ${place(doc.declared.lon, doc.declared.lat)}` : '—'
  return {
    title: td('position'), observed: observed(doc, 'position'), confidence: trusted(doc, 'position'), pace: 'survey',
    rows: [row('division', text(doc.division_name ?? doc.division)), row('address', text(doc.address)), row('coordinates', place(doc.lon, doc.lat)), row('declared', declared)],
  }
}

function partySection(doc: ResourceDocument): Section {
  return {
    title: td('parties'), observed: observed(doc, 'record'), confidence: trusted(doc, 'record'), pace: 'survey',
    rows: [row('administration', text(doc.administration_department)), row('management', text(doc.management_unit)), row('operation', text(doc.operation_unit))],
  }
}

function provenanceSection(doc: ResourceDocument): Section {
  return {
    title: td('provenance'), observed: observed(doc, 'record'), confidence: trusted(doc, 'record'), pace: 'survey',
    rows: [
      row('code', text(doc.code)), row('id', doc.id), row(lang.value === 'zh' ? 'nameEn' : 'nameZh', text(lang.value === 'zh' ? doc.name_en : doc.name)),
      row('lifecycle', word(lifecycle, doc.lifecycle)), row('visibility', word(staff.visibility, doc.visibility)), row('source', text(doc.source)),
      row('verifier', text(doc.verifier)), row('observedAt', shanghaiTime(doc.observed_at)),
      ...(doc.remarks ? [row('remarks', doc.remarks)] : []), row('revision', count(doc.revision)),
    ],
  }
}
