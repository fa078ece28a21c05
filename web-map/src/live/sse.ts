// Reads the text of an event stream, chunk by chunk, as the HTML standard's event-stream format says.
//
// Why not EventSource: it can not send the Authorization header that tells staff from the public.
// Invariant: an event is given out only when its blank line has arrived; a cut stream never yields half an event.

export interface StreamEvent {
  id: string | null
  event: string
  data: string
}

/** Returns a function that takes chunks of text and returns the events completed by each. */
export function createEventReader(): (chunk: string) => StreamEvent[] {
  let rest = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []

  function line(text: string, out: StreamEvent[]): void {
    if (text === '') {
      if (data.length > 0) out.push({ id, event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return (chunk) => {
    const out: StreamEvent[] = []
    rest += chunk
    // A carriage return at the end may be half of CR LF: it waits for the next chunk.
    const usable = rest.endsWith('\r') ? rest.length - 1 : rest.length
    const lines = rest.slice(0, usable).split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + rest.slice(usable)
    for (const text of lines) line(text, out)
    return out
  }
}
