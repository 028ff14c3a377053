import { randomUUID } from 'node:crypto'
import type { NatsLink } from '@annals/nats'
import type { Progress } from '../progress.ts'
import { ProgressBoard } from '../progress.ts'

/** A task is told of no more often than this, but for its end. */
const pauseMilliseconds = 100

/** Where the processes of an installation say how far they are. */
export function progressSubject(namespace: string): string {
  return `${namespace}.progress`
}

/** The progress of all processes: whoever listens hears what any of them reports. Nothing of it is kept. */
export class SharedProgressBoard extends ProgressBoard implements AsyncDisposable {
  readonly #link: NatsLink
  readonly #subject: string
  readonly #self = randomUUID()
  readonly #lastTold = new Map<string, number>()
  /** From the first listener on: most processes only report. */
  #subscription: { unsubscribe(): void } | undefined

  constructor(link: NatsLink, namespace: string) {
    super()
    this.#link = link
    this.#subject = progressSubject(namespace)
  }

  override report(progress: Progress): void {
    super.report(progress)
    const task = `${progress.task}/${progress.communityId}`
    const now = performance.now()
    const ends = progress.done === progress.total
    if (!ends && now - (this.#lastTold.get(task) ?? -Infinity) < pauseMilliseconds) return
    if (ends) this.#lastTold.delete(task)
    else this.#lastTold.set(task, now)
    if (this.#link.connection.isClosed()) return
    this.#link.connection.publish(this.#subject, JSON.stringify({ from: this.#self, progress }))
  }

  override listen(listener: (progress: Progress) => void, signal: AbortSignal): void {
    super.listen(listener, signal)
    this.#subscription ??= this.#link.connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#hear(message.data)
      },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.unsubscribe()
  }

  #hear(bytes: Uint8Array): void {
    try {
      const { from, progress } = JSON.parse(new TextDecoder().decode(bytes)) as { from: string; progress: Progress }
      if (from !== this.#self) super.report(progress)
    } catch {
      // Whatever somebody else put there, it is no progress of ours.
    }
  }
}
