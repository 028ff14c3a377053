import type { EventName } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import { pause } from '@annals/service'
import { downloads, seedings } from '@annals/storage'

/** Each says that an info hash is, or is about to be, one of ours. */
const names = [
  'ArchiveCreated',
  'ArchivesDownloaded',
  'MagnetLinkReceived',
  'SeedingStarted',
] as const satisfies EventName[]

/** Between two readings of all rows. */
const readMilliseconds = 300_000

/** For so long peers of a torrent that was replaced, or is not seeded any more, may still find each other. */
const keepMilliseconds = 3_600_000

const retryMilliseconds = 2_000

type KnownContext = Pick<ServiceContext, 'bus' | 'state' | 'log'>

/**
 * The info hashes of the torrents that this installation seeds or fetches, in memory: asking costs nothing, so a flood of foreign
 * ones costs nothing either. They are read at the start, then follow the log, and are read anew now and then, in case
 * the log has lost something. While engines are away it knows what it knew.
 */
export class KnownTorrents implements Disposable {
  readonly #context: KnownContext
  readonly #now: () => number
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** When each was seen last. */
  readonly #seenAt = new Map<string, number>()

  /** Begins to read. @param now milliseconds that only grow */
  constructor(context: KnownContext, signal: AbortSignal, now = (): number => performance.now()) {
    this.#context = context
    this.#now = now
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
    void this.#readAndFollow()
    void this.#readAgain()
  }

  has(infoHash: string): boolean {
    return this.#seenAt.has(infoHash)
  }

  /** Waits for nobody: what is under way only reads, and an engine that is away may not answer for long. */
  [Symbol.dispose](): void {
    this.#stop.abort()
  }

  async #read(): Promise<void> {
    const { state } = this.#context
    const now = this.#now()
    const seen = (infoHash: string | undefined): void => void (infoHash && this.#seenAt.set(infoHash, now))
    for await (const { value } of state.collection(seedings).list()) {
      seen(value.current?.infoHash)
      seen(value.ending?.infoHash)
    }
    for await (const { value } of state.collection(downloads).list()) seen(value.wanted?.infoHash)
    for (const [infoHash, seenAt] of this.#seenAt) if (seenAt < now - keepMilliseconds) this.#seenAt.delete(infoHash)
  }

  async #readAgain(): Promise<void> {
    for (;;) {
      await pause(readMilliseconds, this.#signal)
      if (this.#signal.aborted) return
      try {
        await this.#read()
      } catch (error) {
        this.#context.log.warn({ err: error }, 'the torrents that the tracker knows cannot be read; trying again')
      }
    }
  }

  async #readAndFollow(): Promise<void> {
    const { bus, log } = this.#context
    while (!this.#signal.aborted) {
      try {
        // Asked first: what is published while the rows are read is not missed.
        const after = await bus.lastSequence()
        await this.#read()
        for await (const event of bus.read({ after, names, follow: true, signal: this.#signal }))
          if ('infoHash' in event.payload) this.#seenAt.set(event.payload.infoHash, this.#now())
      } catch (error) {
        if (this.#signal.aborted) return
        log.warn({ err: error }, 'the log cannot be followed by the tracker; trying again')
      }
      await pause(retryMilliseconds, this.#signal)
    }
  }
}
