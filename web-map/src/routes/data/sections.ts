// The sections of the data desk, in the order of the rail, and the right each needs.
import type { Right } from '../../api/accounts'

export const SECTIONS = [
  { id: 'import', glyph: 'upload', right: 'import' },
  { id: 'tables', glyph: 'table', right: 'see_staff_data' },
  { id: 'inbox', glyph: 'inbox', right: 'answer_reports' },
  { id: 'freshness', glyph: 'clock', right: 'see_staff_data' },
  { id: 'feeds', glyph: 'feed', right: 'keep_feeds' },
  { id: 'log', glyph: 'book', right: 'see_staff_data' },
  { id: 'accounts', glyph: 'people', right: 'keep_accounts' },
] as const satisfies readonly { id: string; glyph: string; right: Right }[]

export type SectionId = (typeof SECTIONS)[number]['id']

/** What an address of the desk may show: the sections, and pages that are reached from them. */
export type Part = SectionId | 'me' | 'site'

/** Returns what an address shows; without a word of its own, the tables. */
export function partOf(section: unknown): Part {
  if (section === 'me' || section === 'site') return section
  return SECTIONS.find(({ id }) => id === section)?.id ?? 'tables'
}

/** Sections that a phone's bottom bar has room for; the others are behind "more". */
export const BAR: readonly SectionId[] = ['tables', 'inbox', 'freshness']

/** Returns the right that a part of the desk needs; `null` for one's own account. */
export function rightFor(part: Part): Right | null {
  if (part === 'me') return null
  return SECTIONS.find(({ id }) => id === part)?.right ?? 'see_staff_data'
}
