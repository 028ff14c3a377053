import type { StatementSync } from 'node:sqlite'
import { takePage, type Database, type GroupCommit } from '@annals/sqlite'
import type { DeadLetter, DeadLetters } from '../event-bus.ts'
import { UnknownDeadLetterError } from '../errors.ts'
import { toShownEvent, type EventRow } from '../event-row.ts'

interface Row extends EventRow {
  readonly letter: number
  readonly consumer: string
  readonly deliveries: number
  readonly error: string
  readonly buried_ms: number
}

/** The dead letters of all consumers. An event that does not decode is shown with an empty payload. */
export class DeadLetterTable implements DeadLetters {
  readonly #database: Database
  readonly #commits: GroupCommit
  readonly #list: StatementSync
  readonly #count: StatementSync
  readonly #delete: StatementSync
  readonly #replay: StatementSync

  constructor(database: Database, commits: GroupCommit) {
    this.#database = database
    this.#commits = commits
    this.#list = database.prepare(
      `SELECT d.id AS letter, d.consumer, d.deliveries, d.error, d.time_ms AS buried_ms,
         e.sequence, e.id, e.name, e.community, e.time_ms, e.source, e.traceparent, e.payload
       FROM dead_letters AS d JOIN events AS e ON e.sequence = d.sequence WHERE d.id > ? ORDER BY d.id`,
    )
    this.#count = database.prepare('SELECT count(*) AS count FROM dead_letters')
    this.#delete = database.prepare('DELETE FROM dead_letters WHERE id = ? RETURNING consumer, sequence')
    this.#replay = database.prepare('INSERT INTO deliveries (consumer, sequence, due_ms) VALUES (?, ?, ?)')
  }

  async *list(): AsyncIterable<DeadLetter> {
    let after = 0
    while (true) {
      const { items, full } = this.#database.read(() =>
        takePage(
          this.#list.iterate(after) as Iterable<unknown> as Iterable<Row>,
          { rows: 100, bytes: 4 * 1024 * 1024 },
          (row) => row,
          (row) => row.payload.length,
        ),
      )
      for (const row of items) {
        after = row.letter
        yield {
          id: row.letter,
          consumer: row.consumer,
          event: toShownEvent(row),
          deliveries: row.deliveries,
          error: row.error,
          timeMilliseconds: row.buried_ms,
        }
      }
      if (!full) return
    }
  }

  async count(): Promise<number> {
    return Number(this.#database.read(() => this.#count.get())?.['count'])
  }

  async replay(id: number): Promise<void> {
    await this.#commits.run(() => {
      const { consumer, sequence } = this.#take(id)
      this.#replay.run(consumer, sequence, Date.now())
    })
  }

  async drop(id: number): Promise<void> {
    await this.#commits.run(() => this.#take(id))
  }

  #take(id: number): { readonly consumer: string; readonly sequence: number } {
    const row = this.#delete.get(id)
    if (row === undefined) throw new UnknownDeadLetterError(id)
    return { consumer: String(row['consumer']), sequence: Number(row['sequence']) }
  }
}
