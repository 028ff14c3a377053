import type { Database } from './database.ts'

interface Waiting {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/**
 * Puts what many ask for in one turn of the event loop into one transaction, as waiting for the disk is what costs.
 * Each asker gets the answer of its own work, after the commit.
 */
export class GroupCommit {
  readonly #database: Database
  readonly #onCommit: () => void
  #waiting: Waiting[] = []
  #scheduled = false

  /** `onCommit` is called after each commit, before those who wait for it go on. */
  constructor(database: Database, onCommit: () => void = () => {}) {
    this.#database = database
    this.#onCommit = onCommit
  }

  /**
   * Runs the work with others in the next transaction. It must write nothing if it throws: then only its own asker
   * gets the error. An error of the disk undoes the whole transaction and goes to all.
   * @throws StorageIoError, StorageClosedError, and what the work throws
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.flush())
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#scheduled = false
    const group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    try {
      const outcomes = this.#database.transaction(() => group.map((waiting) => attempt(waiting.work)))
      this.#onCommit()
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.ok) group[index]?.resolve(outcome.value)
        else group[index]?.reject(outcome.error)
      }
    } catch (error) {
      for (const waiting of group) waiting.reject(error)
    }
  }
}

function attempt(work: () => unknown): Outcome {
  try {
    return { ok: true, value: work() }
  } catch (error) {
    // What SQLite says has to end the transaction; it has an error code of its own.
    if (error instanceof Error && 'errcode' in error) throw error
    return { ok: false, error }
  }
}
