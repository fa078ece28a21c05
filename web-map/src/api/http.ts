// The only functions that fetch. Same origin always; every failure becomes an `AskError`.
//
// Invariant: a write of a session carries its CSRF word; when another tab has signed in anew meanwhile, the word is asked
// for once more and the write is sent once more.
import { AskError, isAbort } from './problem'
import type { Problem } from './schema'
import { authorization, csrf, ended, proof } from './session'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Ask {
  signal?: AbortSignal
  method?: Method
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, in place of `body`. */
  bytes?: Blob
  headers?: Record<string, string>
  /** Goes on although the page is left. */
  keepalive?: true
}

/** An answer with the version it is at. */
export interface Tagged<T> {
  value: T
  etag: string | null
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

/** Asks the server and returns the JSON of a 2xx answer, `null` for an empty one. */
export async function ask<T>(url: string, options: Ask = {}): Promise<T> {
  return (await askTagged<T>(url, options)).value
}

/** Asks the server and returns the JSON of a 2xx answer with its ETag. */
export async function askTagged<T>(url: string, options: Ask = {}): Promise<Tagged<T>> {
  const response = await answered(url, options)
  const etag = response.headers.get('ETag')
  if (response.status === 204) return { value: null as T, etag }
  try {
    return { value: (await response.json()) as T, etag }
  } catch (error) {
    if (isAbort(error)) throw error
    throw new AskError('garbled', response.status)
  }
}

/** A file that was asked for. */
export interface TakenFile {
  bytes: Blob
  /** Name that the server gives it, `null` when it gives none. */
  name: string | null
  /** What the file does not carry, one "Chinese / English" sentence each. */
  losses: string[]
}

/** Asks for a file: where a link can not carry the token, or an image must not be public. */
export async function askFile(url: string, options: Ask = {}): Promise<TakenFile> {
  const response = await answered(url, { ...options, headers: { ...options.headers, Accept: '*/*' } })
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1]
  const losses = decodeURIComponent(response.headers.get('bihu-losses') ?? '').split('\n').filter(Boolean)
  return { bytes: await response.blob(), name: name ? decodeURIComponent(name) : null, losses }
}

/** Opens a streaming answer, for the live feed. */
export async function stream(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await send(url, { headers: { ...headers, ...authorization() }, signal, cache: 'no-store' })
  if (!response.ok) throw await refusal(response)
  if (!response.body) throw new AskError('garbled', response.status)
  return response.body
}

async function answered(url: string, options: Ask): Promise<Response> {
  const response = await send(url, request(options))
  if (response.ok) return response
  const error = await refusal(response)
  if (error.status === 401 && url !== '/api/session') ended.value += 1
  if (!(error.status === 403 && error.problem.type === 'urn:bihu:problem:csrf')) throw error
  csrf.value = (await ask<{ csrf: string | null }>('/api/session')).csrf
  const again = await send(url, request(options))
  if (!again.ok) throw await refusal(again)
  return again
}

function request({ signal, method = 'GET', body, bytes, headers, keepalive }: Ask): RequestInit {
  const kind = body === undefined ? bytes && 'application/octet-stream' : 'application/json'
  return {
    method,
    headers: { Accept: 'application/json', ...authorization(), ...(method === 'GET' ? {} : proof()), ...(kind ? { 'Content-Type': kind } : {}), ...headers },
    ...(signal ? { signal } : {}),
    ...(keepalive ? { keepalive } : {}),
    ...(body === undefined ? (bytes ? { body: bytes } : {}) : { body: JSON.stringify(body) }),
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (isAbort(error)) throw error
    throw new AskError('offline', 0)
  }
}

async function refusal(response: Response): Promise<AskError> {
  const wait = Number(response.headers.get('Retry-After'))
  return new AskError('problem', response.status, await readProblem(response), Number.isFinite(wait) && wait > 0 ? wait : null)
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem
  } catch {
    return {}
  }
}
