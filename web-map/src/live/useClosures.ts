// The closures on the screen, kept current: asked for anew when the feed tells of a change, and when one begins or ends.
import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { kept, useAnswer } from '../api/answer'
import { fetchClosures, type Closure, type ClosuresAnswer } from '../api/roads'
import { waitFor } from './turns'

/** After a failure it is asked again: a closed road that is not shown is worse than a question too many. */
const RETRY_MS = 10_000

export interface Closures {
  closures: ComputedRef<readonly Closure[]>
  /** The service has roads; `null` before it was asked. */
  hasRoads: ComputedRef<boolean | null>
  /** Rises when other roads may be open than before: what is on the screen by road must be asked anew. */
  turns: ShallowRef<number>
  find: (id: string) => Closure | null
  reload: () => Promise<void>
}

export function useClosures(): Closures {
  const answer = useAnswer<ClosuresAnswer>()
  const value = computed(() => kept(answer.state.value))
  const turns = shallowRef(0)
  let timer = 0

  async function reload(): Promise<void> {
    clearTimeout(timer)
    const isFirst = value.value === null
    const loaded = await answer.ask(fetchClosures)
    if (loaded) {
      if (!isFirst) turns.value += 1
      const wait = waitFor(loaded.answered_at, loaded.next_turn_at)
      if (wait !== null) later(wait)
    } else if (answer.state.value.phase === 'failed') later(RETRY_MS)
  }

  function later(wait: number): void {
    clearTimeout(timer)
    timer = window.setTimeout(() => void reload(), wait)
  }

  onScopeDispose(() => clearTimeout(timer))
  const closures = computed(() => value.value?.features ?? [])
  return { closures, hasRoads: computed(() => value.value?.has_roads ?? null), turns, find: (id) => closures.value.find((c) => c.id === id) ?? null, reload }
}
