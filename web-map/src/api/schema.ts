// The wire types of the HTTP API.
//
// Why by hand: they say more than the server's OpenAPI document can (closed words, GeoJSON shapes). `contract.ts` holds
// their names to the types generated from it, so that a field that drifts does not compile.
// Invariant: a number that nobody knows is `null`, never 0; measures end in their unit; longitude comes first.
import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson'
import type { By } from './roads'

export type Kind = 'shelter' | 'warehouse' | 'storage_point' | 'team' | 'site'
export type Level = 'city' | 'district' | 'town' | 'village'
export type Status = 'closed' | 'preparing' | 'open' | 'full' | 'closing'
export type Quality = 'stated' | 'derived' | 'unknown'
/** Longitude, latitude; WGS84 degrees unless the field says another datum. */
export type LonLat = [number, number]

export interface Bilingual {
  zh: string
  en: string
}

export interface Division {
  code: string
  name: string
  name_en?: string | null
  level: Level
}

export interface Meta {
  name: string
  version: string
  revision: number
  audience: 'public' | 'staff'
  actor: { name: string; role: string; scope?: string | null } | null
  synthetic: boolean
  notice: Bilingual | null
  district: { code: string; name: string; name_en?: string | null; bbox: [number, number, number, number] } | null
  /** Box around all resources, for a store without a district. */
  extent: [number, number, number, number] | null
  counts: Partial<Record<Kind, number>>
  divisions: Division[]
  map: {
    approval_number: string | null
    source: string | null
    data_date: string | null
    /** The server has a vector base map. */
    vector: boolean
    /** Whose data it is made of, and of when. */
    vector_source: string | null
    vector_date: string | null
    /** Raster tiles of another server, where the operator named one. */
    raster: { template: string } | null
  }
  default_standards: Standard[]
  default_standards_note?: Bilingual | null
}

export interface Standard {
  level: Level
  distance_m: number
}

export interface Doubt {
  reason: string
  zh: string
  en: string
}

/** A position in the datums of the map services. */
export interface Positions {
  gcj02: LonLat
  bd09: LonLat
}

export interface NearestResult {
  id: string
  code?: string | null
  kind: Kind
  name: string
  name_en?: string | null
  lon: number
  lat: number
  distance_m: number
  /** By road: how long the way takes, and how long it is; null by air. */
  duration_s?: number | null
  length_m?: number | null
  free_places?: number | null
  capacity?: number | null
  capacity_quality?: Quality | null
  occupancy_quality?: 'reported' | 'unreported' | null
  status?: Status | null
  level?: Level | null
  division?: string | null
  division_name?: string | null
  address?: string | null
  lifecycle?: string | null
  accessible?: boolean | null
  pets?: boolean | null
  hazards?: string[] | null
  observed_at?: string | null
  age_s?: number | null
  /** How far the data may still be trusted, 0…1; `null` when nobody can tell. */
  confidence?: number | null
  certain: boolean
  doubts: Doubt[]
  synthetic?: boolean | null
  visibility?: string | null
  readiness?: string | null
  positions: Positions
}

export interface NearestRejection {
  id: string
  kind: Kind
  name: string
  name_en?: string | null
  lon: number
  lat: number
  distance_m: number
  duration_s?: number | null
  length_m?: number | null
  reason: string
  /** Why there is no way, where that is the reason. */
  cause?: string | null
  sentence: Bilingual
  visibility?: string | null
}

export interface NearestAnswer {
  revision: number
  method: string
  complete: boolean
  datum: string
  origin: { lon: number; lat: number; positions: Positions }
  /** How it was travelled: `air`, or a profile that goes by road. */
  by?: string
  /** How the roads were asked; null by air. */
  road?: RoadFacts | null
  results: NearestResult[]
  rejected: NearestRejection[]
  rejected_total: number
}

/** How a question by road went. */
export interface RoadFacts {
  time_factor: number
  /** Where the origin lies on the roads; null: none comes near. */
  origin?: OnRoad | null
  /** Why nothing can be reached at all. */
  unreachable?: Bilingual | null
}

/** A place on the roads, and how far beside it the place asked about lies. */
export interface OnRoad {
  lon: number
  lat: number
  aside_m: number
}

export interface KindCount {
  total: number
  by_level?: Record<string, number>
  by_class?: Record<string, number>
  by_status?: Record<string, number>
}

export interface AroundItem {
  id: string
  kind: Kind
  code?: string | null
  name: string
  name_en?: string | null
  lon: number
  lat: number
  distance_m: number
  free_places?: number | null
  status?: Status | null
  visibility?: string | null
}

export interface AroundAnswer {
  revision: number
  method: string
  complete: boolean
  area_m2: number
  population: number | null
  demand_points: number
  counts: Partial<Record<Kind, KindCount>>
  places: { capacity: number | null; free: number | null; shelters_with_unknown_capacity: number }
  stock: { code?: string | null; name: string; unit: string | null; quantity: number | null; lines: number; lines_without_quantity: number }[]
  headcount: { total: number | null; teams_without_figure: number }
  items: AroundItem[]
  items_total: number
}

/** How far a level serves: metres or, by road, seconds on the way. */
export type Reach = { level: Level; distance_m: number } | { level: Level; seconds: number }

export interface CoverageRequest {
  kinds: Kind[]
  by: By
  standards: Reach[]
  division?: string
  hazard?: string
  open?: true
  capacity_rule?: { min_free_places: number; unknown: 'count' | 'skip' }
}

export interface CoverageDivision {
  code: string
  name: string
  name_en?: string | null
  total: number | null
  covered: number | null
  uncovered: number | null
}

export interface Gap {
  rank: number
  division?: string | null
  division_name?: string | null
  division_name_en?: string | null
  uncovered: number
  area_m2: number | null
  lon: number
  lat: number
  nearest: { id: string; name: string; distance_m: number } | null
}

export interface CoverageAnswer {
  revision: number
  method: string
  complete: boolean
  gap_withheld: Bilingual | null
  /** The question as it was understood. */
  parameters: { by: By; standards: Reach[]; time_factor?: number | null }
  facilities: number
  left_out: Record<string, number>
  demand_points: number
  population_note: Bilingual | null
  population: { total: number | null; covered: number | null; uncovered: number | null }
  multiplicity: { times: '0' | '1' | '2+'; population: number | null }[]
  divisions: CoverageDivision[]
  gap: MultiPolygon
  gap_area_m2: number | null
  /** How far the drawn gap may exceed the true one along its edge. */
  gap_tolerance_m?: number | null
  area_m2: number | null
  largest_gaps: Gap[]
}

/** Slim properties that every layer feature carries; what is absent is unknown. */
export interface SlimProperties {
  id: string
  kind: Kind
  name: string
  name_en?: string | null
  level?: Level | null
  tier?: string | number | null
  status?: Status | null
  class?: string | null
  category?: string | null
  readiness?: string | null
  lifecycle?: string | null
  free_places?: number | null
  capacity?: number | null
  visibility?: string | null
  synthetic?: boolean | null
}

export type SlimFeature = Feature<Point | Polygon | MultiPolygon, SlimProperties>
export type Layer = FeatureCollection<Point | Polygon | MultiPolygon, SlimProperties> & { revision: number }
export type DivisionFeature = Feature<Polygon | MultiPolygon, Division & { synthetic?: boolean | null }>
export type DivisionLayer = FeatureCollection<Polygon | MultiPolygon, DivisionFeature['properties']> & { revision: number }

export interface StockLine {
  code?: string | null
  name: string
  quantity?: number | null
  unit?: string | null
  expires_on?: string | null
  reserve_mode?: string | null
}

export interface Contact {
  name?: string | null
  role?: string | null
  phone?: string | null
}

/** How fresh a record is, group of fields by group; confidence is 0…1, `null` when never observed. */
export interface FreshnessOfRecord {
  confidence: number | null
  open_reports: number
  fields: Record<string, { observed_at: string | null; age_s: number | null; confidence: number | null; open_reports: number; verifier?: string | null }>
}

/** The flat document of one resource, with the read-only names that answers add. */
export interface ResourceDocument extends Omit<SlimProperties, 'name'> {
  name: string
  code?: string | null
  address?: string | null
  source?: string | null
  remarks?: string | null
  division?: string | null
  division_name?: string | null
  lon?: number | null
  lat?: number | null
  geometry?: Point | Polygon | MultiPolygon | null
  administration_department?: string | null
  management_unit?: string | null
  operation_unit?: string | null
  contacts?: Contact[] | null
  observed_at?: string | null
  verifier?: string | null
  standing?: string | null
  duration?: string | null
  space?: string | null
  function?: string | null
  hazards?: string[] | null
  area_m2?: number | null
  capacity_quality?: Quality | null
  occupancy_quality?: string | null
  facilities?: string[] | null
  accessible?: boolean | null
  pets?: boolean | null
  occupied?: number | null
  reserved?: number | null
  blocked?: number | null
  over_capacity?: boolean | null
  legacy_class?: string | null
  volume_m3?: number | null
  stock?: StockLine[] | null
  capabilities?: string[] | null
  headcount?: number | null
  equipment?: { name: string; quantity?: number | null }[] | null
  current?: { lon: number; lat: number; observed_at?: string | null } | null
  revision?: number
  age_s?: number | null
  observed?: Record<string, string> | null
  freshness?: FreshnessOfRecord | null
  declared?: { datum: string; lon: number; lat: number } | null
}

/** A place that was found, by whatever somebody typed. */
export interface PlaceResult {
  kind: 'settlement' | 'street' | 'address' | 'poi' | 'crossing' | 'division' | 'resource' | 'coordinate'
  kind_zh: string
  kind_en: string
  class: string
  class_zh?: string | null
  class_en?: string | null
  id?: string | null
  code?: string | null
  name: string
  name_en?: string | null
  position: LonLat
  distance_m?: number | null
  division_name?: string | null
  address?: string | null
  visibility?: string | null
  match: 'exact' | 'prefix' | 'substring' | 'pinyin' | 'initials' | 'words' | 'typo'
  match_zh: string
  match_en: string
  house?: 'same' | 'within' | 'lower' | 'higher' | null
  house_zh?: string | null
  house_en?: string | null
}

export interface PlacesAnswer {
  revision: number
  places: PlaceResult[]
}

export interface LiveChange {
  revision: number
  op: 'upsert' | 'remove'
  kind: Kind
  id: string
  at: string
  feature: SlimFeature | null
}

export interface LiveReset {
  revision: number
  kinds: (Kind | 'divisions' | 'demand' | 'corrections' | 'closures')[]
}

export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  incident?: string
  /** Version the resource is at, for a stale write. */
  current?: string
  /** The right that a denial misses. */
  missing?: string
  violations?: { field: string; reason: string; zh: string; en: string }[]
}
