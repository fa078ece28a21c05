// What can go wrong when asking the server, as one closed set of cases that the screen can explain.
import type { Problem } from './schema'

export type Cause = 'offline' | 'problem' | 'garbled'

/** A question that failed. `status` is 0 when no answer arrived. */
export class AskError extends Error {
  override readonly cause: Cause
  readonly status: number
  readonly problem: Problem
  /** Seconds after which the server wants to be asked again, where it said so. */
  readonly retry_after_s: number | null

  constructor(cause: Cause, status: number, problem: Problem = {}, retry_after_s: number | null = null) {
    super(problem.detail ?? problem.title ?? `${cause} ${status}`)
    this.name = 'AskError'
    this.cause = cause
    this.status = status
    this.problem = problem
    this.retry_after_s = retry_after_s
  }
}

/** True for the error of a question that was withdrawn because a newer one replaced it. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
