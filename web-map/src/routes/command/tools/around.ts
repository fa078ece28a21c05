// The around tool's state: centre, radius and the newest answer.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { useAnswer, type Asking } from '../../../api/answer'
import { fetchAround } from '../../../api/queries'
import type { AroundAnswer, LonLat } from '../../../api/schema'

export const RADII_M = [500, 1000, 2000, 3000, 5000] as const
export const RADIUS_MAX_M = 50_000

export interface AroundTool {
  at: ShallowRef<LonLat | null>
  radius_m: Ref<number>
  answer: Asking<AroundAnswer>
  askAt: (at: LonLat) => void
  again: () => void
}

export function useAroundTool(): AroundTool {
  const at = shallowRef<LonLat | null>(null)
  const radius_m = ref(1000)
  const answer = useAnswer<AroundAnswer>()

  function again(): void {
    const centre = at.value
    if (centre) void answer.ask((signal) => fetchAround(centre, radius_m.value, signal))
  }

  function askAt(position: LonLat): void {
    at.value = position
    again()
  }

  return { at, radius_m, answer, askAt, again }
}
