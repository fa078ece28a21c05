// What happens between a key and a list of places: waiting, composing, asking, moving through what came.
//
// Invariants: nothing is asked while an input method composes, for what stands in the field then is not yet what is meant;
// an older question is withdrawn when a newer one is asked; a list is shown only for the text that it answers.
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { shown, type Asking } from '../api/answer'
import type { PlaceResult, PlacesAnswer } from '../api/schema'

export const WAIT_MS = 150

export interface Suggesting {
  text: ShallowRef<string>
  places: ComputedRef<PlaceResult[]>
  /** Place of the one that Enter would choose; -1 for none. */
  active: ShallowRef<number>
  type: (text: string) => void
  compose: (composing: boolean) => void
  move: (step: 1 | -1) => void
  /** Chooses as Enter does: the active place, or the first; where the answer is still to come, once it is there. */
  enter: (choose: (place: PlaceResult) => void) => void
  clear: () => void
  /** Withdraws what waits to be asked. */
  stop: () => void
}

/** Binds a question about places to what is typed. */
export function createSuggesting({ state, ask, reset }: Asking<PlacesAnswer>, question: (q: string, signal: AbortSignal) => Promise<PlacesAnswer>): Suggesting {
  const text = shallowRef('')
  const active = shallowRef(-1)
  const places = computed(() => shown(state.value)?.places ?? [])
  let composing = false
  /** The list answers the text as it stands. */
  let settled = false
  let entered: ((place: PlaceResult) => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(timer)
    settled = false
    entered = null
  }

  async function find(q: string): Promise<void> {
    if (!(await ask((signal) => question(q, signal)))) return
    settled = true
    const [first] = places.value
    const choose = entered
    entered = null
    if (first) choose?.(first)
  }

  function later(): void {
    stop()
    active.value = -1
    const q = text.value.trim()
    if (q === '') return reset()
    timer = setTimeout(() => void find(q), WAIT_MS)
  }

  function type(next: string): void {
    text.value = next
    if (!composing) later()
  }

  function compose(now: boolean): void {
    composing = now
    if (now) stop()
    else later()
  }

  function move(step: 1 | -1): void {
    const n = places.value.length
    if (n === 0) return
    active.value = active.value < 0 ? (step > 0 ? 0 : n - 1) : (active.value + step + n) % n
  }

  function clear(): void {
    stop()
    text.value = ''
    active.value = -1
    reset()
  }

  function enter(choose: (place: PlaceResult) => void): void {
    const place = places.value[Math.max(0, active.value)]
    if (active.value < 0 && !settled) entered = text.value.trim() === '' ? null : choose
    else if (place) choose(place)
  }

  return { text, places, active, type, compose, move, enter, clear, stop }
}
