// One function per question that the pages ask.
import { address, ask, type Query } from './http'
import type { By } from './roads'
import type {
  AroundAnswer, CoverageAnswer, CoverageRequest, DivisionLayer, Kind, Layer, LonLat, Meta, NearestAnswer,
  PlacesAnswer, ResourceDocument,
} from './schema'

export interface NearestQuestion {
  at: LonLat
  k: number
  kinds: Kind[]
  party: number
  hazard: string | null
  needs: string[]
  /** True asks for places that are open now; false offers those that could be opened too. */
  openOnly: boolean
  /** How to travel; the straight line where nothing is said. */
  by?: By
}

/** The query string of a nearest question, in the API's words. */
export function nearestQuery(question: NearestQuestion): Query {
  return {
    lon: question.at[0],
    lat: question.at[1],
    datum: 'wgs84',
    k: question.k,
    kind: question.kinds.join(','),
    by: question.by ?? 'air',
    party: question.party,
    hazard: question.hazard,
    needs: question.needs.join(','),
    open: question.openOnly ? true : undefined,
    unknown: 'last',
    explain: true,
  }
}

export const fetchMeta = (signal?: AbortSignal) => ask<Meta>('/api/meta', signal ? { signal } : {})

/** A style of the base map, as MapLibre takes it. */
export const fetchStyle = (name: string, lang: string) => ask<unknown>(address(`/tiles/styles/${name}.json`, { lang }))

export const fetchNearest = (question: NearestQuestion, signal: AbortSignal) =>
  ask<NearestAnswer>(address('/api/nearest', nearestQuery(question)), { signal })

export const fetchAround = (point: LonLat, radius_m: number, signal: AbortSignal) =>
  ask<AroundAnswer>('/api/around', { method: 'POST', body: { point, radius_m }, signal })

export const fetchCoverage = (body: CoverageRequest, signal: AbortSignal) =>
  ask<CoverageAnswer>('/api/coverage', { method: 'POST', body, signal })

export const fetchLayer = (kind: Kind, signal?: AbortSignal) =>
  ask<Layer>(`/api/layers/${kind}`, signal ? { signal } : {})

export const fetchDivisions = (signal?: AbortSignal) =>
  ask<DivisionLayer>('/api/layers/divisions', signal ? { signal } : {})

export const fetchResource = (id: string, signal: AbortSignal) =>
  ask<ResourceDocument>(`/api/resources/${encodeURIComponent(id)}?freshness=true`, { signal })

export interface PlacesQuestion {
  q: string
  /** Whence; nearer places come first, and how far they are is told. */
  near: LonLat | null
  /** Kinds of resources to look for besides places; empty for all. */
  kinds: readonly Kind[]
}

export const fetchPlaces = ({ q, near, kinds }: PlacesQuestion, signal: AbortSignal) =>
  ask<PlacesAnswer>(address('/api/places', { q, lon: near?.[0], lat: near?.[1], limit: 10, kind: kinds.length > 0 ? kinds.join(',') : undefined }), { signal })
