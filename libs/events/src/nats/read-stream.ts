import { getMessage, patiently } from '@annals/nats'
import type { NatsLink, StoredMessage } from '@annals/nats'
import { subjectFilter } from './consumer-filter.ts'
import { openReader, startBehind, type StreamReader } from './stream-reader.ts'

export interface StreamQuestion {
  readonly link: NatsLink
  readonly stream: string
  readonly filters: readonly string[]
  /** Only messages behind this position. */
  readonly after: number
  /** Only messages up to this position; absent where the reading goes on with what comes. */
  readonly until?: number
  readonly signal?: AbortSignal
}

/** How long a reading that has an end waits for a server that is away. */
const patienceSeconds = 10

/**
 * Messages of a stream in order, none left out: over a consumer that lives as long as the reading and is made anew
 * where it was whenever something goes wrong. When the stream was set back meanwhile (a restored backup, a power loss),
 * a reading that follows goes on with what was written after its last message.
 */
export async function* readStream(question: StreamQuestion): AsyncGenerator<StoredMessage, void> {
  const { signal, until } = question
  const isWanted = subjectFilter(question.filters)
  let last: StoredMessage | undefined
  const aborted = (): boolean => signal?.aborted === true
  while (!aborted()) {
    using page = await openPatiently(question, last)
    while (true) {
      const next = await page.next(signal)
      if (next === 'end' || aborted()) return
      if (next === 'lost') break
      if (until !== undefined && next.sequence > until) return
      last = next
      // An older server gives more than was asked for.
      if (isWanted(next.subject)) yield next
      if (until !== undefined && (next.sequence === until || next.pending === 0)) return
    }
  }
}

async function openPatiently(question: StreamQuestion, last: StoredMessage | undefined): Promise<StreamReader> {
  const { link, stream, filters, until, signal } = question
  const waits = until === undefined
  const patience = { link, seconds: waits ? Infinity : patienceSeconds, ...(signal ? { signal } : {}) }
  return patiently(patience, async () => {
    return openReader({ link, stream, filters, waits }, await startOf(question, last))
  })
}

async function startOf(question: StreamQuestion, last: StoredMessage | undefined): Promise<object> {
  if (last === undefined) return startBehind(question.after)
  const there = await getMessage(question.link, question.stream, { seq: last.sequence })
  if (there?.timeNanoseconds === last.timeNanoseconds) return startBehind(last.sequence)
  return { deliver_policy: 'by_start_time', opt_start_time: rfc3339(last.timeNanoseconds + 1n) }
}

function rfc3339(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, '0')}Z`
}
