// The reach tool's state: from where, how, within which minutes, and the newest answer.
import { reactive, shallowRef, type ShallowRef } from 'vue'
import { useAnswer, type Asking } from '../../../api/answer'
import { fetchBands, type BandsAnswer, type Profile, type Toward } from '../../../api/roads'
import type { LonLat } from '../../../api/schema'

export const MINUTES_MAX = 120
export const BANDS_MAX = 6

/** Returns the minutes of a text such as "5 10 15", least first, each once; `null` when it is none or too many. */
export function readMinutes(text: string): number[] | null {
  const parts = text.split(/[^\d.]+/).filter(Boolean).map(Number)
  const fits = parts.length > 0 && parts.every((n) => Number.isFinite(n) && n >= 1 && n <= MINUTES_MAX)
  const minutes = [...new Set(parts)].sort((a, b) => a - b)
  return fits && minutes.length <= BANDS_MAX ? minutes : null
}

export interface ReachForm {
  by: Profile
  toward: Toward
  minutes: string
}

export interface ReachTool {
  form: ReachForm
  at: ShallowRef<LonLat | null>
  answer: Asking<BandsAnswer>
  askAt: (at: LonLat) => void
  again: () => void
}

export function useReachTool(): ReachTool {
  const form = reactive<ReachForm>({ by: 'foot', toward: 'away', minutes: '5 10 15' })
  const at = shallowRef<LonLat | null>(null)
  const answer = useAnswer<BandsAnswer>()

  function again(): void {
    const [from, minutes] = [at.value, readMinutes(form.minutes)]
    if (!from || !minutes) return
    void answer.ask((signal) => fetchBands({ origins: [from], by: form.by, toward: form.toward, seconds: minutes.map((n) => n * 60) }, signal))
  }

  function askAt(position: LonLat): void {
    at.value = position
    again()
  }

  return { form, at, answer, askAt, again }
}
