// The nearest tool's state: what is asked, from where, and the newest answer.
import { reactive, shallowRef, type ShallowRef } from 'vue'
import { useAnswer, type Asking } from '../../../api/answer'
import { fetchNearest } from '../../../api/queries'
import type { By } from '../../../api/roads'
import type { Kind, LonLat, NearestAnswer } from '../../../api/schema'

export const NEEDS = ['accessible', 'pets', 'medical'] as const

export interface NearestForm {
  kinds: Kind[]
  k: number
  party: number
  hazard: string
  needs: string[]
  openOnly: boolean
  by: By
}

export interface NearestTool {
  form: NearestForm
  at: ShallowRef<LonLat | null>
  answer: Asking<NearestAnswer>
  askAt: (at: LonLat) => void
  again: () => void
}

export function useNearestTool(): NearestTool {
  const form = reactive<NearestForm>({ kinds: ['shelter'], k: 5, party: 1, hazard: '', needs: [], openOnly: false, by: 'air' })
  const at = shallowRef<LonLat | null>(null)
  const answer = useAnswer<NearestAnswer>()

  function again(): void {
    const from = at.value
    if (!from || form.kinds.length === 0) return
    void answer.ask((signal) => fetchNearest({ ...form, at: from, hazard: form.hazard || null }, signal))
  }

  function askAt(position: LonLat): void {
    at.value = position
    again()
  }

  return { form, at, answer, askAt, again }
}
