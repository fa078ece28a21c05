// A question on the screen: idle, asking, answered or failed.
//
// Invariant: only the newest question of one `useAnswer` may change its state; an older answer that arrives late is
// dropped, its request aborted.
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { isAbort } from './problem'

export type Answer<T> =
  | { phase: 'idle' }
  | { phase: 'asking'; before: T | null }
  | { phase: 'answered'; value: T }
  | { phase: 'failed'; error: unknown; before: T | null }

export interface Asking<T> {
  state: ShallowRef<Answer<T>>
  ask: (question: (signal: AbortSignal) => Promise<T>) => Promise<T | null>
  reset: () => void
}

/** Returns the value that may be shown: the answer, or the one before it while a newer is asked. */
export function shown<T>(answer: Answer<T>): T | null {
  if (answer.phase === 'answered') return answer.value
  return answer.phase === 'asking' ? answer.before : null
}

/** Returns the last value there was, also behind a failure: what is shown of it must be marked as old. */
export function kept<T>(answer: Answer<T>): T | null {
  if (answer.phase === 'answered') return answer.value
  return answer.phase === 'idle' ? null : answer.before
}

export function createAnswer<T>(): Asking<T> {
  const state = shallowRef<Answer<T>>({ phase: 'idle' }) as ShallowRef<Answer<T>>
  let current: AbortController | null = null

  async function ask(question: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    const before = kept(state.value)
    state.value = { phase: 'asking', before }
    try {
      const value = await question(mine.signal)
      if (current !== mine) return null
      state.value = { phase: 'answered', value }
      return value
    } catch (error) {
      if (current === mine && !isAbort(error)) state.value = { phase: 'failed', error, before }
      return null
    }
  }

  function reset(): void {
    current?.abort()
    current = null
    state.value = { phase: 'idle' }
  }

  return { state, ask, reset }
}

/** `createAnswer` bound to the life of a component: leaving the screen withdraws the question. */
export function useAnswer<T>(): Asking<T> {
  const asking = createAnswer<T>()
  onScopeDispose(asking.reset)
  return asking
}
