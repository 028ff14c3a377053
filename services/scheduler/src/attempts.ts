import type { ScheduleDocument, Versioned } from '@annals/storage'
import { mapConcurrently } from '@annals/service'

export type Row = Versioned<ScheduleDocument>

/** Told of a row that could not be brought to rest, as it was written last. */
export type OnFailure = (row: Row, error: unknown) => void

const never = new AbortController().signal

/** Works on many rows and tells of each with which the work failed; the others go on. */
export class Attempts {
  readonly #onFailure: OnFailure

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure
  }

  /** Work that is one for all rows; `undefined` where there are none, or where it failed and so for all. */
  async together<T>(rows: readonly Row[], work: () => Promise<T>): Promise<T | undefined> {
    if (rows.length === 0) return undefined
    try {
      return await work()
    } catch (error) {
      for (const row of rows) this.#onFailure(row, error)
      return undefined
    }
  }

  /** Work on each row, so many at a time. Answers what came of those with which it did not fail. */
  async each<R extends Row, T>(rows: readonly R[], atOnce: number, work: (row: R) => Promise<T>): Promise<T[]> {
    const results: T[] = []
    await mapConcurrently(rows, atOnce, never, async (row) => {
      try {
        results.push(await work(row))
      } catch (error) {
        this.#onFailure(row, error)
      }
    })
    return results
  }
}
