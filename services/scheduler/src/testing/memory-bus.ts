import { LostEventError } from '@annals/events'
import type { ConsumerSpec, Consumption, EventBus, EventHandler, EventName, StoredEvent } from '@annals/events'

/** A log in memory with what the scheduler uses of a bus. Failing deliveries are repeated at once and without end. */
export class MemoryBus implements Pick<EventBus, 'publish' | 'read' | 'consume' | 'onReconnect'> {
  readonly log: StoredEvent[] = []
  readonly #positions = new Map<string, number>()
  #appended = Promise.withResolvers<void>()

  async publish(...[event, options]: Parameters<EventBus['publish']>): ReturnType<EventBus['publish']> {
    const known = this.#positions.get(event.id)
    if (known !== undefined) return { sequence: known, duplicate: true }
    // Positions may have gaps.
    const sequence = this.log.length * 3 + 1
    this.#positions.set(event.id, sequence)
    const { timeMilliseconds = 0, source = '' } = options ?? {}
    this.log.push(structuredClone({ ...event, sequence, timeMilliseconds, source }))
    this.#appended.resolve()
    this.#appended = Promise.withResolvers()
    return { sequence, duplicate: false }
  }

  async *read(options: Parameters<EventBus['read']>[0] = {}): AsyncGenerator<StoredEvent> {
    const { after = 0, afterId, names, communityId, follow = false, signal } = options
    if (afterId !== undefined && this.#positions.get(afterId) !== after) throw new LostEventError(after, afterId)
    const aborted = Promise.withResolvers<void>()
    signal?.addEventListener('abort', () => aborted.resolve(), { once: true })
    for (let at = 0; ; at++) {
      if (follow && at === this.log.length) await Promise.race([this.#appended.promise, aborted.promise])
      const event = this.log[at]
      if (event === undefined || signal?.aborted === true) return
      if (event.sequence <= after || names?.includes(event.name) === false) continue
      if (communityId === undefined || communityId === event.communityId) yield structuredClone(event)
    }
  }

  onReconnect(): Disposable {
    return { [Symbol.dispose]: () => undefined }
  }

  async consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    const stopping = new AbortController()
    const { signal } = stopping
    const running = (async () => {
      for await (const event of this.read({ names: spec.events, follow: true, signal })) {
        for (let attempt = 1; !signal.aborted; attempt++) {
          try {
            await handler(event as StoredEvent<N>, { attempt, signal, working: () => undefined })
            break
          } catch {
            await new Promise(setImmediate)
          }
        }
      }
    })()
    const drain = async (): Promise<void> => {
      stopping.abort()
      await running
    }
    return { drain, idle: () => running, lag: () => Promise.resolve(0), [Symbol.asyncDispose]: drain }
  }
}
