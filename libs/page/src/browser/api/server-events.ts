/** One event of a stream of server-sent events. */
export interface ServerEvent {
  /** Where to go on after it; empty where it has none. */
  readonly id: string
  readonly name: string
  readonly data: string
}

/** A line longer than this is no event of a node: what was read is given up. */
const longestBufferCharacters = 4_000_000

/** The text of a stream is no stream of server-sent events. */
export class EventStreamError extends Error {
  override readonly name = 'EventStreamError'
}

/**
 * The events in a stream, as the HTML standard reads them. `EventSource` would read them as well, but can bring no token.
 * @throws EventStreamError
 */
export async function* readServerEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let buffer = ''
  let id = ''
  let name = ''
  let data: string[] = []
  for await (const chunk of chunks) {
    buffer += chunk
    // A carriage return at the end may be half of a line's end.
    const lines = buffer.split(/\r\n|\n|\r(?!$)/)
    buffer = lines.pop() ?? ''
    if (buffer.length > longestBufferCharacters) throw new EventStreamError('a line of the event stream has no end')
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { id, name: name === '' ? 'message' : name, data: data.join('\n') }
        name = ''
        data = []
        continue
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (field === 'event') name = value
      else if (field === 'data') data.push(value)
      else if (field === 'id' && !value.includes('\0')) id = value
    }
  }
}
