// A write on the screen: idle, under way, done or failed. Unlike a question it is never withdrawn half-way.
//
// Invariant: while one runs, a second one of the same `useDeed` is not started.
import { shallowRef, type ShallowRef } from 'vue'

export interface Deed {
  busy: ShallowRef<boolean>
  /** Why the last one failed, `null` when it did not. */
  error: ShallowRef<unknown>
  /** Runs the write; returns its answer, `null` when it failed or another one is under way. */
  run: <T>(write: () => Promise<T>) => Promise<{ value: T } | null>
}

export function useDeed(): Deed {
  const busy = shallowRef(false)
  const error = shallowRef<unknown>(null)
  async function run<T>(write: () => Promise<T>): Promise<{ value: T } | null> {
    if (busy.value) return null
    busy.value = true
    error.value = null
    try {
      return { value: await write() }
    } catch (failure) {
      error.value = failure
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, error, run }
}
