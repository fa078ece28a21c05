// Keeps the live feed open: reconnects with growing pauses, tells after which revision to go on, notices silence.
//
// Invariant: after a break the server replays from the last revision seen, so no change is missed or told twice in vain.
import { stream } from '../api/http'
import { AskError } from '../api/problem'
import type { LiveChange, LiveReset } from '../api/schema'
import { createEventReader, type StreamEvent } from './sse'

export type LiveState = 'connecting' | 'live' | 'broken' | 'refused'

export interface LiveListener {
  /** The revision up to which the picture is complete. */
  after: () => number
  onChange: (change: LiveChange) => void
  onReset: (reset: LiveReset) => void
  onState: (state: LiveState) => void
}

const PAUSE_FIRST_MS = 1_000
const PAUSE_MAX_MS = 15_000
/** The server beats every 15 s; three beats missed is a dead line. */
const SILENCE_MS = 45_000

/** Opens the feed. The returned function closes it for good. */
export function openLive(listener: LiveListener): () => void {
  const closed = new AbortController()
  void run(listener, closed.signal)
  return () => closed.abort()
}

async function run(listener: LiveListener, closed: AbortSignal): Promise<void> {
  let pause = PAUSE_FIRST_MS
  while (!closed.aborted) {
    listener.onState('connecting')
    try {
      await listen(listener, closed, () => (pause = PAUSE_FIRST_MS))
    } catch (error) {
      if (closed.aborted) return
      if (error instanceof AskError && (error.status === 401 || error.status === 403)) return listener.onState('refused')
    }
    if (closed.aborted) return
    listener.onState('broken')
    await wait(pause, closed)
    pause = Math.min(PAUSE_MAX_MS, pause * 2)
  }
}

async function listen(listener: LiveListener, closed: AbortSignal, onOpen: () => void): Promise<void> {
  const line = new AbortController()
  const hangUp = () => line.abort()
  closed.addEventListener('abort', hangUp)
  let silence = setTimeout(hangUp, SILENCE_MS)
  try {
    const body = await stream('/api/live', { Accept: 'text/event-stream', 'Last-Event-ID': String(listener.after()) }, line.signal)
    listener.onState('live')
    onOpen()
    const text = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
    const read = createEventReader()
    for (;;) {
      const { done, value } = await text.read()
      if (done) return
      clearTimeout(silence)
      silence = setTimeout(hangUp, SILENCE_MS)
      for (const event of read(value)) tell(event, listener)
    }
  } finally {
    clearTimeout(silence)
    closed.removeEventListener('abort', hangUp)
    line.abort()
  }
}

function tell({ event, data }: StreamEvent, listener: LiveListener): void {
  if (event === 'change') listener.onChange(JSON.parse(data) as LiveChange)
  else if (event === 'reset') listener.onReset(JSON.parse(data) as LiveReset)
}

function wait(time_ms: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time_ms)
    closed.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}
