// The reach tool's state: from where, how, within which minutes, and the newest answer.
import { computed, reactive, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { shown, useAnswer, type Asking } from '../../../api/answer'
import { fetchBands, type BandsAnswer, type Profile, type Toward } from '../../../api/roads'
import type { LonLat } from '../../../api/schema'

export const MINUTES_MAX = 120
export const BANDS_MAX = 6
/** As many origins as the server takes. */
export const ORIGINS_MAX = 200

/** Returns the minutes of a text such as "5 10 15", least first, each once; `null` when it is none or too many. */
export function readMinutes(text: string): number[] | null {
  const parts = text.split(/[^\d.]+/).filter(Boolean).map(Number)
  const fits = parts.length > 0 && parts.every((n) => Number.isFinite(n) && n >= 1 && n <= MINUTES_MAX)
  const minutes = [...new Set(parts)].sort((a, b) => a - b)
  return fits && minutes.length <= BANDS_MAX ? minutes : null
}

/** A place that is set out from, or made for; a resource has a name. */
export interface Origin {
  at: LonLat
  name: string | null
}

/** Returns the origins with one more: a place that is there already is not there twice, and beyond the limit none is added. */
export function withOrigin(origins: readonly Origin[], next: Origin): Origin[] {
  const known = origins.some(({ at }) => at[0] === next.at[0] && at[1] === next.at[1])
  return known || origins.length >= ORIGINS_MAX ? [...origins] : [...origins, next]
}

/** How closely an area keeps to the streets: streets alone, or what lies between them too. */
export type Drawing = 'areas' | 'streets'

/** Returns how far an area may reach beyond what is reached, metres: on foot less than on wheels, which go farther. */
export function toleranceOf(drawing: Drawing, by: Profile): number {
  if (drawing === 'streets') return 30
  return by === 'foot' || by === 'wheelchair' ? 120 : 300
}

export interface ReachForm {
  by: Profile
  toward: Toward
  minutes: string
  drawing: Drawing
  /** What a click on the map does: puts the one origin, or one more. */
  click: 'put' | 'add'
}

export interface ReachTool {
  form: ReachForm
  origins: ShallowRef<readonly Origin[]>
  answer: Asking<BandsAnswer>
  /** What the map draws; nothing before there is an origin. */
  drawn: ComputedRef<{ origins: LonLat[]; bands: BandsAnswer | null } | null>
  /** Takes a place as the origin or as one more, as the form says, and asks. */
  askAt: (origin: Origin) => void
  /** Takes exactly these, as many as there may be, and asks. */
  askFrom: (origins: readonly Origin[]) => void
  again: () => void
}

export function useReachTool(): ReachTool {
  const form = reactive<ReachForm>({ by: 'foot', toward: 'away', minutes: '5 10 15', drawing: 'areas', click: 'put' })
  const origins = shallowRef<readonly Origin[]>([])
  const answer = useAnswer<BandsAnswer>()
  const drawn = computed(() => (origins.value.length > 0 ? { origins: origins.value.map(({ at }) => at), bands: shown(answer.state.value) } : null))

  function again(): void {
    const minutes = readMinutes(form.minutes)
    if (origins.value.length === 0) return answer.reset()
    if (!minutes) return
    const question = {
      origins: origins.value.map(({ at }) => at), by: form.by, toward: form.toward, seconds: minutes.map((n) => n * 60), tolerance_m: toleranceOf(form.drawing, form.by),
    }
    void answer.ask((signal) => fetchBands(question, signal))
  }

  function askFrom(next: readonly Origin[]): void {
    origins.value = next.slice(0, ORIGINS_MAX)
    again()
  }

  const askAt = (origin: Origin) => askFrom(form.click === 'add' ? withOrigin(origins.value, origin) : [origin])
  return { form, origins, answer, drawn, askAt, askFrom, again }
}
