// The state of the public look-up as the address bar keeps it, so that an answer can be shared and reloaded.
//
// Invariant: `readQuery(writeQuery(s))` is `s`; nonsense in the address falls back to the default, never to a crash.
import type { LonLat } from '../../api/schema'
import { WAYS, type By } from '../../api/roads'
import { isPosition } from '../../geo/extent'
import { hazard } from '../../i18n/words'

export const NEEDS = ['accessible', 'pets'] as const
export type Need = (typeof NEEDS)[number]
export const PARTY_MAX = 999
export const SHOWN_STEPS = [5, 10, 20] as const

export interface LookupState {
  at: LonLat | null
  /** Name of the chosen place; `null` for a point of the map, `me` for the device's own position. */
  place: string | null
  party: number
  hazard: string | null
  needs: Need[]
  openOnly: boolean
  k: number
  /** `null` where nothing was chosen: on foot where the service has roads, by air where it has none. */
  by: By | null
}

export const EMPTY: LookupState = { at: null, place: null, party: 1, hazard: null, needs: [], openOnly: true, k: 5, by: null }

/** Place name that stands for the device's own position. */
export const ME = 'me'

type Raw = Record<string, unknown>

function text(raw: Raw, name: string): string | null {
  const value = raw[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Reads the state from a query; every part stands alone. */
export function readQuery(raw: Raw): LookupState {
  const [lon, lat] = (text(raw, 'at') ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  const party = Number(text(raw, 'party') ?? 1)
  const k = Number(text(raw, 'k'))
  const asked = (text(raw, 'needs') ?? '').split(',')
  const word = text(raw, 'hazard')
  return {
    at: lon !== undefined && lat !== undefined && isPosition(lon, lat) ? [lon, lat] : null,
    place: text(raw, 'place')?.slice(0, 80) ?? null,
    party: Number.isInteger(party) && party >= 1 ? Math.min(party, PARTY_MAX) : 1,
    hazard: word && Object.hasOwn(hazard, word) ? word : null,
    needs: NEEDS.filter((need) => asked.includes(need)),
    openOnly: text(raw, 'all') !== '1',
    k: SHOWN_STEPS.find((step) => step === k) ?? EMPTY.k,
    by: WAYS.find((way) => way === text(raw, 'by')) ?? EMPTY.by,
  }
}

/** Writes the state as a query; what is at its default is left out. Positions keep six decimals (0.1 m). */
export function writeQuery(state: LookupState): Record<string, string> {
  const query: Record<string, string> = {}
  if (state.at) query.at = state.at.map((degrees) => String(Number(degrees.toFixed(6)))).join(',')
  if (state.at && state.place) query.place = state.place
  if (state.party !== 1) query.party = String(state.party)
  if (state.hazard) query.hazard = state.hazard
  if (state.needs.length > 0) query.needs = state.needs.join(',')
  if (!state.openOnly) query.all = '1'
  if (state.k !== EMPTY.k) query.k = String(state.k)
  if (state.by) query.by = state.by
  return query
}
