// The route on the screen: from where, to which place, how, and the newest answer.
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { shown, useAnswer, type Asking } from '../../api/answer'
import { fetchRoute, type By, type RouteAnswer, type Target } from '../../api/roads'
import type { LonLat } from '../../api/schema'
import type { DrawnRoute } from '../../map/roads'

export interface RouteTool {
  target: ShallowRef<Target | null>
  answer: Asking<RouteAnswer>
  /** What the map draws: nothing while there is no way. */
  drawn: ComputedRef<DrawnRoute | null>
  ask: (from: LonLat, target: Target, by: By) => void
  /** Asks the same again: other roads are open, or another way to travel was chosen. By air there is no route. */
  again: (by?: By) => void
  clear: () => void
}

export function useRoute(): RouteTool {
  const target = shallowRef<Target | null>(null)
  const from = shallowRef<LonLat | null>(null)
  const answer = useAnswer<RouteAnswer>()
  let how: By = 'air'

  const drawn = computed((): DrawnRoute | null => {
    const value = shown(answer.state.value)
    const to = target.value
    return value?.geometry && from.value && to ? { answer: value, from: from.value, to: [to.lon, to.lat] } : null
  })

  function clear(): void {
    target.value = null
    from.value = null
    answer.reset()
  }

  function again(by: By = how): void {
    const [start, end] = [from.value, target.value]
    how = by
    if (!start || !end) return
    if (by === 'air') return clear()
    void answer.ask((signal) => fetchRoute(start, [end.lon, end.lat], by, signal))
  }

  function ask(start: LonLat, end: Target, by: By): void {
    if (end.id !== target.value?.id || String(start) !== String(from.value)) answer.reset()
    from.value = start
    target.value = end
    again(by)
  }

  return { target, answer, drawn, ask, again, clear }
}
