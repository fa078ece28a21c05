// A record in the making: which fields are asked first, and what was typed as the document to send.
//
// Invariant: whether a record may be is for the server to say; here only what is no number is kept from being sent.
import type { Kind, LonLat } from '../../../api/schema'
import { readLines, listsOf, type LineDraft, type ListName } from '../lines/lines'
import { readCell } from '../tables/cell'
import { fieldsOf, type FieldSpec } from '../tables/columns'

/** What was typed or chosen, by field. */
export type Typed = Record<string, string | string[]>

const FIRST: Record<Kind, readonly string[]> = {
  shelter: ['level', 'capacity', 'status', 'hazards', 'accessible', 'lifecycle', 'visibility'],
  warehouse: ['tier', 'level', 'area_m2', 'volume_m3', 'lifecycle', 'visibility'],
  storage_point: ['tier', 'level', 'area_m2', 'lifecycle', 'visibility'],
  team: ['category', 'level', 'headcount', 'readiness', 'capabilities', 'lifecycle', 'visibility'],
  site: ['class', 'level', 'lifecycle', 'visibility'],
}
/** Fields that stand in places of their own, or follow from others. */
const APART = new Set(['name', 'code', 'address', 'division_name', 'capacity_quality', 'verifier'])

/** Returns the fields of a kind that are asked first, and those that may wait. */
export function asked(kind: Kind): { first: FieldSpec[]; more: FieldSpec[] } {
  const fields = fieldsOf(kind).filter(({ name, editable }) => editable && !APART.has(name))
  const first = FIRST[kind].flatMap((name) => fields.filter((field) => field.name === name))
  return { first, more: fields.filter((field) => !first.includes(field)) }
}

/** What is set before anything is typed: in service, and to be seen by everybody as most records are. */
export const BLANK: Typed = { lifecycle: 'in_service', visibility: 'public' }

export interface Draft {
  kind: Kind
  typed: Typed
  at: LonLat | null
  division: string
  lists: Partial<Record<ListName, LineDraft[]>>
}

/** Returns the document of a draft; `wrong` names the fields whose text is no number. */
export function documentOf({ kind, typed, at, division, lists }: Draft): { document: Record<string, unknown>; wrong: string[] } {
  const document: Record<string, unknown> = { kind, ...(division ? { division } : {}) }
  const wrong: string[] = []
  for (const { name, form } of [...fieldsOf(kind), { name: 'code', form: 'text' as const }]) {
    const text = typed[name]
    if (text === undefined) continue
    const read = Array.isArray(text) ? { value: text.length > 0 ? text : null } : readCell(form, text)
    if ('wrong' in read) wrong.push(name)
    else if (read.value !== null) document[name] = read.value
  }
  if (at) [document.lon, document.lat] = at.map((degrees) => Number(degrees.toFixed(7)))
  for (const list of listsOf(kind)) {
    const lines = readLines(list, lists[list] ?? [])
    wrong.push(...lines.wrong)
    if (lines.value.length > 0) document[list] = lines.value
  }
  return { document, wrong }
}

/** Returns a provisional code: the day, and four signs that can not be mistaken for each other. */
export function provisionalCode(now: Date, random: () => number): string {
  const SIGNS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
  const day = new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
  return `LS-${day}-${Array.from({ length: 4 }, () => SIGNS[Math.floor(random() * SIGNS.length)]).join('')}`
}

/** Longest code that an id carries as it is. */
const CODE_MAX = 48

/**
 * Returns the id that the server itself gives a resource of this kind and code, so that a list which brings the code
 * later finds the record made by hand.
 */
export function mintId(kind: Kind, code: string): string {
  const head = kind.replaceAll('_', '-')
  if (code.length <= CODE_MAX && /^[A-Za-z0-9._~-]+$/.test(code)) return `${head}-${code}`
  const hash = (basis: bigint) => new TextEncoder().encode(code).reduce((h, byte) => BigInt.asUintN(64, (h ^ BigInt(byte)) * 0x0100_0000_01b3n), basis)
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0')
  return `${head}-x${hex(hash(0xcbf2_9ce4_8422_2325n), 16)}${hex(BigInt.asUintN(32, hash(0x6c62_272e_07bb_0142n)), 8)}`
}
