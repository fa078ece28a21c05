// The only function that fetches JSON. Same origin always; every failure becomes an `AskError`.
import { AskError, isAbort } from './problem'
import type { Problem } from './schema'
import { authorization } from './session'

export interface Ask {
  signal?: AbortSignal
  method?: 'GET' | 'POST'
  body?: unknown
}

/** Query parameters; `undefined`, `null` and empty text are left out. */
export type Query = Record<string, string | number | boolean | null | undefined>

/** Returns `path?query` with the empty parameters left out. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** Asks the server and returns the JSON of a 2xx answer. */
export async function ask<T>(url: string, { signal, method = 'GET', body }: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...authorization() }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const response = await send(url, {
    method,
    headers,
    ...(signal ? { signal } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new AskError('problem', response.status, await readProblem(response))
  try {
    return (await response.json()) as T
  } catch (error) {
    if (isAbort(error)) throw error
    throw new AskError('garbled', response.status)
  }
}

/** Opens a streaming answer, for the live feed. */
export async function stream(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await send(url, { headers: { ...headers, ...authorization() }, signal, cache: 'no-store' })
  if (!response.ok) throw new AskError('problem', response.status, await readProblem(response))
  if (!response.body) throw new AskError('garbled', response.status)
  return response.body
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (isAbort(error)) throw error
    throw new AskError('offline', 0)
  }
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem
  } catch {
    return {}
  }
}
