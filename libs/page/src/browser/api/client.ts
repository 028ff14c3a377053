import { Problem, readProblem } from './problem.ts'
import type { ServerEvent } from './server-events.ts'
import { readServerEvents } from './server-events.ts'
import type { Session } from './session.ts'

const base = '/api/v1'
const timeLimitMilliseconds = 30_000

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Speaks to the gateway that the page came from. */
export class Client {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  /** @param path below `/api/v1`. @returns the JSON of the answer. @throws Problem, or the signal's reason */
  async ask(path: string, { method = 'GET', query = {}, body, signal }: Ask = {}): Promise<unknown> {
    const limit = AbortSignal.timeout(timeLimitMilliseconds)
    const response = await this.#fetch(`${base}${path}${queryText(query)}`, {
      method,
      headers: this.#headers(body === undefined ? {} : { 'content-type': 'application/json' }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return response.status === 204 ? {} : response.json()
  }

  /** Live events, after the one with the id. Ends when the connection does. @throws Problem, EventStreamError, the signal's reason */
  async *events(
    query: NonNullable<Ask['query']>,
    { after, signal, onOpen }: { readonly after: string; readonly signal: AbortSignal; readonly onOpen: () => void },
  ): AsyncGenerator<ServerEvent> {
    const headers = this.#headers({ accept: 'text/event-stream', ...(after !== '' && { 'last-event-id': after }) })
    const response = await this.#fetch(`${base}/events${queryText(query)}`, { headers, signal })
    if (response.body === null) return
    onOpen()
    yield* readServerEvents(textOf(response.body))
  }

  #headers(more: Readonly<Record<string, string>>): Record<string, string> {
    const { token } = this.session
    return { ...(token !== '' && { authorization: `Bearer ${token}` }), ...more }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(url, { ...init, credentials: 'omit', cache: 'no-cache' })
    } catch (error) {
      if (init.signal?.aborted === true && !isTimeout(init.signal.reason)) throw error
      throw new Problem({ status: 0, reason: '', detail: 'The node does not answer.' }, { cause: error })
    }
    if (!response.ok) throw await readProblem(response)
    return response
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** What is empty is left out; a list is its name as often as it has entries. */
function queryText(query: NonNullable<Ask['query']>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)]),
  )
  const given = pairs.filter(([, value]) => value !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** Safari has no iteration over streams. */
async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Whoever reads has had the failure, where there was one.
    await reader.cancel().catch(() => undefined)
  }
}
