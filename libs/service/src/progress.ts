/** How far a piece of long work is. Transient: what counts is in the log. */
export interface Progress {
  readonly task: 'import' | 'archive' | 'fetch' | 'decode'
  readonly communityId: string
  /** In the unit of the task: messages, archives or bytes. */
  readonly done: number
  /** Unknown where absent. */
  readonly total?: number
  readonly unit: 'messages' | 'archives' | 'bytes'
}

/** Where services say how far they are, and where whoever shows it listens. */
export class ProgressBoard {
  readonly #listeners = new Set<(progress: Progress) => void>()

  report(progress: Progress): void {
    for (const listener of this.#listeners) listener(progress)
  }

  /** Calls back at each report until the signal aborts. */
  listen(listener: (progress: Progress) => void, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true })
  }
}
