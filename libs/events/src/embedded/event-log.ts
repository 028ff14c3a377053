import type { StatementSync } from 'node:sqlite'
import { takePage, type Database } from '@annals/sqlite'
import type { EventRow } from '../event-row.ts'

export interface LogPage {
  readonly rows: readonly EventRow[]
  /** Everything up to here was looked at. */
  readonly scannedTo: number
  /** True where nothing stands after it at the moment. */
  readonly end: boolean
}

export interface LogFilter {
  readonly names?: readonly string[]
  readonly communityId?: string
}

const eventColumns = 'sequence, id, name, community, time_ms, source, traceparent, payload'

const page = { rows: 256, bytes: 4 * 1024 * 1024 }

/** Positions looked at in one go where a filter may leave out all of them. */
const windowPositions = 8192

/** The log table: appending, and reading it page by page. */
export class EventLog {
  readonly #database: Database
  readonly #insert: StatementSync
  readonly #byId: StatementSync
  readonly #bySequence: StatementSync
  readonly #last: StatementSync
  readonly #count: StatementSync
  readonly #all: StatementSync
  readonly #community: StatementSync

  constructor(database: Database) {
    this.#database = database
    this.#insert = database.prepare(
      `INSERT INTO events (id, name, community, time_ms, source, traceparent, payload) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.#byId = database.prepare('SELECT sequence FROM events WHERE id = ?')
    this.#bySequence = database.prepare(`SELECT ${eventColumns} FROM events WHERE sequence = ?`)
    this.#last = database.prepare('SELECT max(sequence) AS last FROM events')
    const named = '(?1 IS NULL OR name IN (SELECT value FROM json_each(?1)))'
    this.#count = database.prepare(`SELECT count(*) AS count FROM events WHERE ${named} AND sequence > ?2`)
    this.#all = database.prepare(
      `SELECT ${eventColumns} FROM events WHERE ${named} AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence`,
    )
    this.#community = database.prepare(
      `SELECT ${eventColumns} FROM events INDEXED BY events_community
       WHERE ${named} AND community = ?4 AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence`,
    )
  }

  /** Within a transaction. An id that is there already gives the position of the first one. */
  append(row: Omit<EventRow, 'sequence'>): { readonly sequence: number; readonly duplicate: boolean } {
    const { id, name, community, time_ms, source, traceparent, payload } = row
    const result = this.#insert.run(id, name, community, time_ms, source, traceparent, payload)
    if (result.changes === 1) return { sequence: Number(result.lastInsertRowid), duplicate: false }
    return { sequence: Number(this.#byId.get(id)?.['sequence']), duplicate: true }
  }

  /** 0 for an empty log. */
  lastSequence(): number {
    return this.#database.read(() => Number(this.#last.get()?.['last'] ?? 0))
  }

  /** How many events of some names stand after a position. */
  countAfter(sequence: number, names: readonly string[]): number {
    return this.#database.read(() => Number(this.#count.get(JSON.stringify(names), sequence)?.['count']))
  }

  get(sequence: number): EventRow | undefined {
    return this.#database.read(() => this.#bySequence.get(sequence)) as EventRow | undefined
  }

  /** The next events after a position that pass the filter, as many as a page takes. */
  page(after: number, filter: LogFilter, limitRows = page.rows): LogPage {
    const last = this.lastSequence()
    const names = filter.names === undefined ? null : JSON.stringify(filter.names)
    // An index leads to a community's events, so all the log can be one window there.
    const to = filter.communityId === undefined ? Math.min(after + windowPositions, last) : last
    const { items, full } = this.#database.read(() =>
      takePage(
        (filter.communityId === undefined
          ? this.#all.iterate(names, after, to)
          : this.#community.iterate(names, after, to, filter.communityId)) as Iterable<unknown> as Iterable<EventRow>,
        { rows: Math.min(limitRows, page.rows), bytes: page.bytes },
        (row) => row,
        (row) => row.payload.length,
      ),
    )
    const scannedTo = full ? (items.at(-1)?.sequence ?? after) : Math.max(after, to)
    return { rows: items, scannedTo, end: scannedTo >= last }
  }
}
