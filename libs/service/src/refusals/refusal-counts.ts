import type { RefusalsDocument, StateStore } from '@annals/storage'
import type { Logger } from 'pino'
import { refusals, updateDocument } from '@annals/storage'
import { systemClock } from '../clock.ts'

/** Written down no more often than this, however much comes. */
const writeEveryMilliseconds = 5_000

/** What a refused message was taken for: one of an announcement chat, or one of another chat. */
export type RefusedWhat = 'announcement' | 'message'

/** Something that came for a community and has no effect. */
export interface Refusal {
  readonly communityId: string
  readonly what: RefusedWhat
  /** One of few: a word that names it, nothing of what came. */
  readonly reason: string
  /** 1 where absent. */
  readonly times?: number
}

export type CountRefusal = (refusal: Refusal) => void

type Reasons = RefusalsDocument['reasons']

/**
 * Counts what is refused, by community and reason. Anybody can send what is: counting costs memory at once and, however much
 * comes, one write a community every few seconds. A crash may lose the counts of these seconds, and a write whose answer is
 * lost counts twice.
 */
export class RefusalCounts implements AsyncDisposable {
  readonly #state: StateStore
  readonly #log: Pick<Logger, 'warn'>
  readonly #onRefusal: CountRefusal | undefined
  readonly #pending = new Map<string, Reasons>()
  #writing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  /** Of the monotonic clock. */
  #nextWriteMilliseconds = 0

  constructor(state: StateStore, log: Pick<Logger, 'warn'>, onRefusal?: CountRefusal) {
    this.#state = state
    this.#log = log
    this.#onRefusal = onRefusal
  }

  count(refusal: Refusal): void {
    const { communityId, what, reason, times = 1 } = refusal
    this.#onRefusal?.(refusal)
    const id = `${communityId}/${what}`
    const counted = { [reason]: { count: times, lastAt: systemClock.nowSeconds() } }
    this.#pending.set(id, add(this.#pending.get(id), counted))
    this.#writeSoon()
  }

  /** Writes down what was counted. Never rejects: what cannot be written is kept for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#nextWriteMilliseconds = performance.now() + writeEveryMilliseconds
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    clearTimeout(this.#timer)
  }

  #writeSoon(): void {
    const waitMilliseconds = Math.max(0, this.#nextWriteMilliseconds - performance.now())
    this.#timer ??= setTimeout(() => void this.flush(), waitMilliseconds).unref()
  }

  async #write(): Promise<void> {
    // What is counted meanwhile is for the next time: a flood must not keep this at work.
    const ids = [...this.#pending.keys()]
    for (const id of ids) {
      const reasons = this.#pending.get(id) ?? {}
      this.#pending.delete(id)
      try {
        await updateDocument(this.#state.collection(refusals), id, (value) => ({
          ...value,
          reasons: add(value?.reasons, reasons),
        }))
      } catch (error) {
        this.#pending.set(id, add(this.#pending.get(id), reasons))
        this.#log.warn({ err: error }, 'counts of what was refused could not be kept; trying again with the next ones')
        return
      }
    }
  }
}

function add(some: Reasons = {}, others: Reasons): Reasons {
  const sum = { ...some }
  for (const [reason, { count, lastAt }] of Object.entries(others)) {
    const before = sum[reason]
    sum[reason] = { count: count + (before?.count ?? 0), lastAt: Math.max(lastAt, before?.lastAt ?? 0) }
  }
  return sum
}
