// Questions by road, standing closures and what they do: the questions and their wire types.
import type { Feature, Geometry, LineString, MultiLineString, MultiPolygon, Polygon } from 'geojson'
import { address, ask } from './http'
import type { Bilingual, Kind, LonLat, OnRoad } from './schema'

export const PROFILES = ['foot', 'wheelchair', 'car', 'truck', 'emergency'] as const
export type Profile = (typeof PROFILES)[number]
/** How to travel: the straight line, or a profile by road. */
export const WAYS = ['air', ...PROFILES] as const
export type By = (typeof WAYS)[number]

export interface Step extends Bilingual {
  maneuver: string
  name: string
  length_m: number
  duration_s: number
  lon: number
  lat: number
}

/** Why there is no way; `closures` are those in the way. */
export interface NoWay extends Bilingual {
  cause: string
  closures: string[]
}

export interface RouteAnswer {
  revision: number
  by: string
  duration_s?: number | null
  length_m?: number | null
  geometry?: LineString | null
  steps: Step[]
  from?: OnRoad | null
  to?: OnRoad | null
  unreachable?: NoWay | null
}

export const CAUSES = ['flood', 'police', 'collapse', 'obstacle', 'fire', 'works', 'crowd', 'other'] as const

/** What is said of a closure. */
export interface ClosureFacts {
  profiles: string[]
  cause: string
  reason: string
  depth_cm?: number | null
  from: string
  to?: string | null
  source?: string | null
  created_at: string
  revision: number
  in_force: boolean
  synthetic: boolean
  closed_length_m?: number | null
  closed_roads?: MultiLineString | null
}

export type Closure = Feature<Geometry, ClosureFacts> & { id: string }

export interface ClosuresAnswer {
  revision: number
  answered_at: string
  /** When the next of them begins or ends. */
  next_turn_at?: string | null
  has_roads: boolean
  features: Closure[]
}

/** What is said of a closure that is to be made. */
export interface NewClosure {
  profiles?: string[]
  cause: string
  reason: string
  depth_cm?: number
  to?: string
  source?: string
}

/** People for whom something changes. */
export interface Hit {
  people: number
  by_town: { division?: string | null; name?: string | null; people: number }[]
  points_total: number
}

export interface CutOff extends Hit {
  sites: { id: string; kind: string; name: string; lon: number; lat: number }[]
  sites_total: number
}

/** What changes for a profile. */
export interface Effect {
  profile: string
  cut_off: CutOff
  delayed: Hit
}

export interface ClosureAnswer {
  id: string
  closed_length_m?: number | null
  repeated: boolean
  /** One for each profile that is stopped; when roads are opened: what is regained. */
  effects: Effect[]
  note?: Bilingual | null
}

/** To where the time counts: away from the origins, or toward them. */
export type Toward = 'away' | 'origin'

export interface BandFacts {
  seconds: number | null
  metres: number | null
  area_m2: number
  population: number | null
  tolerance_m: number
}

/** Largest band first. */
export interface BandsAnswer {
  revision: number
  by: string
  /** The geometry is null where nothing is reached. */
  features: (Omit<Feature<Polygon | MultiPolygon, BandFacts>, 'geometry'> & { geometry: Polygon | MultiPolygon | null })[]
}

export interface BandsQuestion {
  origins: LonLat[]
  by: Profile
  seconds: number[]
  toward: Toward
  /** How far an area may reach beyond what is reached. */
  tolerance_m: number
}

/** A place that somebody wants to get to. */
export interface Target {
  id: string
  kind: Kind
  name: string
  name_en?: string | null
  lon: number
  lat: number
}

export const fetchRoute = (from: LonLat, to: LonLat, by: Profile, signal: AbortSignal) =>
  ask<RouteAnswer>(address('/api/route', { from: from.join(','), to: to.join(','), by }), { signal })

export const fetchBands = (body: BandsQuestion, signal: AbortSignal) => ask<BandsAnswer>('/api/isochrones', { method: 'POST', body, signal })

export const fetchClosures = (signal: AbortSignal) => ask<ClosuresAnswer>('/api/closures', { signal })

/** Closes roads. The key makes a repetition harmless. */
export const closeRoads = (geometry: Geometry, properties: NewClosure, key: string) =>
  ask<ClosureAnswer>('/api/closures', { method: 'POST', body: { type: 'Feature', geometry, properties }, headers: { 'Idempotency-Key': key } })

export const openRoads = (id: string) => ask<ClosureAnswer>(`/api/closures/${encodeURIComponent(id)}`, { method: 'DELETE' })
