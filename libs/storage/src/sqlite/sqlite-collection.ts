import type { StatementSync } from 'node:sqlite'
import { takePage, type Database, type GroupCommit } from '@annals/sqlite'
import { InvalidDocumentIdError, StoredDocumentError, VersionConflictError } from '../errors.ts'
import { keepUnknown } from '../keep-unknown.ts'
import { readable } from '../readable.ts'
import type { Claim, Collection, CollectionDefinition, Versioned, Write } from '../state-store.ts'

interface Row {
  readonly id: string
  readonly version: number
  readonly value: string
}

/** What is read at once of a listing. */
const page = { rows: 200, bytes: 4 * 1024 * 1024 }

export class SqliteCollection<T> implements Collection<T> {
  readonly #database: Database
  readonly #commits: GroupCommit
  readonly #definition: CollectionDefinition<T>
  readonly #statements: ReturnType<typeof prepareStatements>

  constructor(database: Database, commits: GroupCommit, definition: CollectionDefinition<T>) {
    this.#database = database
    this.#commits = commits
    this.#definition = definition
    this.#statements = prepareStatements(database)
  }

  async get(id: string): Promise<Versioned<T> | undefined> {
    this.#checkId(id)
    const row = this.#database.read(() => this.#row(id))
    return row === undefined ? undefined : this.#toVersioned(row)
  }

  async put(id: string, value: T, expectedVersion: number): Promise<Versioned<T>> {
    return this.#commits.run(this.#prepareWrite({ id, value, expectedVersion }))
  }

  async putMany(writes: readonly Write<T>[]): Promise<readonly (Versioned<T> | VersionConflictError)[]> {
    const prepared = writes.map((write) => this.#prepareWrite(write))
    // They go into one transaction, as all that is asked for in one turn does.
    const outcomes = await Promise.allSettled(prepared.map((write) => this.#commits.run(write)))
    return outcomes.map((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value
      if (outcome.reason instanceof VersionConflictError) return outcome.reason
      throw outcome.reason
    })
  }

  /** The work of one `put`, to be done in a transaction. */
  #prepareWrite({ id, value, expectedVersion }: Write<T>): () => Versioned<T> {
    this.#checkId(id)
    const text = JSON.stringify(value)
    // What could not be read again is refused while the one who made it is still there to hear of it.
    const stored = this.#toVersioned({ id, version: expectedVersion + 1, value: text })
    const dueAt = this.#definition.dueAt?.(stored.value) ?? null
    const { name } = this.#definition
    return () => {
      const { changes } =
        expectedVersion === 0
          ? this.#statements.insert.run(name, id, dueAt, dueAt, text)
          : this.#statements.update.run(dueAt, dueAt, text, name, id, expectedVersion)
      if (changes === 0) throw this.#conflict(id, expectedVersion)
      return stored
    }
  }

  async delete(id: string, expectedVersion: number): Promise<void> {
    this.#checkId(id)
    await this.#commits.run(() => {
      if (this.#row(id) === undefined) return
      const { changes } = this.#statements.delete.run(this.#definition.name, id, expectedVersion)
      if (changes === 0) throw this.#conflict(id, expectedVersion)
    })
  }

  async *list(options: { readonly prefix?: string } = {}): AsyncIterable<Versioned<T>> {
    const prefix = options.prefix ?? ''
    this.#checkId(prefix)
    const { name } = this.#definition
    let last: string | undefined
    while (true) {
      const { items, full } = this.#database.read(() =>
        takePage(
          (last === undefined
            ? this.#statements.listFrom.iterate(name, prefix)
            : this.#statements.listAfter.iterate(name, last)) as Iterable<unknown> as Iterable<Row>,
          page,
          (row) => row,
          (row) => row.value.length,
        ),
      )
      for (const row of items) {
        // Ids stand in the order of their UTF-8 bytes, so those with the prefix stand together.
        if (!row.id.startsWith(prefix)) return
        yield this.#toVersioned(row)
      }
      if (!full) return
      last = items.at(-1)?.id
    }
  }

  async claimDue(claim: Claim): Promise<Versioned<T> | undefined> {
    const [claimed] = await this.claimDueMany(claim, 1)
    return claimed
  }

  async claimDueMany({ owner, now, leaseSeconds }: Claim, limit: number): Promise<readonly Versioned<T>[]> {
    const { name } = this.#definition
    const rows = await this.#commits.run(() => {
      const rows: Row[] = []
      while (rows.length < limit) {
        const row = this.#statements.claim.get(now + leaseSeconds, owner, name, now, now) as Row | undefined
        if (row === undefined) break
        rows.push(row)
      }
      return rows
    })
    return readable(rows, (row) => this.#toVersioned(row))
  }

  async extendClaim(row: Versioned<T>, { owner, now, leaseSeconds }: Claim): Promise<void> {
    await this.#commits.run(() => {
      const { changes } = this.#statements.extend.run(
        now + leaseSeconds,
        this.#definition.name,
        row.id,
        row.version,
        owner,
      )
      if (changes === 0) throw this.#conflict(row.id, row.version)
    })
  }

  async nextDueAt(): Promise<number | undefined> {
    const row = this.#database.read(() => this.#statements.next.get(this.#definition.name))
    return typeof row?.['at'] === 'number' ? row['at'] : undefined
  }

  #row(id: string): Row | undefined {
    return this.#statements.get.get(this.#definition.name, id) as Row | undefined
  }

  #conflict(id: string, expectedVersion: number): VersionConflictError {
    return new VersionConflictError(this.#definition.name, id, expectedVersion, this.#row(id)?.version ?? 0)
  }

  #toVersioned(row: Row): Versioned<T> {
    try {
      const stored: unknown = JSON.parse(row.value)
      return { id: row.id, version: row.version, value: keepUnknown(this.#definition.parse(stored), stored) }
    } catch (error) {
      throw new StoredDocumentError(this.#definition.name, row.id, error)
    }
  }

  #checkId(id: string): void {
    // A lone surrogate has no UTF-8 form: two ids would become one.
    if (id.includes('\0') || !id.isWellFormed()) throw new InvalidDocumentIdError(this.#definition.name, id)
  }
}

function prepareStatements(
  database: Database,
): Record<
  'get' | 'insert' | 'update' | 'delete' | 'listFrom' | 'listAfter' | 'claim' | 'extend' | 'next',
  StatementSync
> {
  const columns = 'id, version, value'
  return {
    get: database.prepare(`SELECT ${columns} FROM documents WHERE collection = ? AND id = ?`),
    insert: database.prepare(
      `INSERT INTO documents (collection, id, version, due_at, available_at, value) VALUES (?, ?, 1, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ),
    update: database.prepare(
      `UPDATE documents SET version = version + 1, due_at = ?, available_at = ?, owner = NULL, value = ?
       WHERE collection = ? AND id = ? AND version = ?`,
    ),
    delete: database.prepare('DELETE FROM documents WHERE collection = ? AND id = ? AND version = ?'),
    listFrom: database.prepare(`SELECT ${columns} FROM documents WHERE collection = ? AND id >= ? ORDER BY id`),
    listAfter: database.prepare(`SELECT ${columns} FROM documents WHERE collection = ? AND id > ? ORDER BY id`),
    claim: database.prepare(
      `UPDATE documents SET version = version + 1, available_at = max(due_at, ?), owner = ?
       WHERE rowid = (
         SELECT rowid FROM documents INDEXED BY documents_due
         WHERE collection = ? AND due_at <= ? AND available_at <= ? ORDER BY due_at, id LIMIT 1
       )
       RETURNING ${columns}`,
    ),
    extend: database.prepare(
      `UPDATE documents SET available_at = max(due_at, ?)
       WHERE collection = ? AND id = ? AND version = ? AND owner = ?`,
    ),
    next: database.prepare('SELECT min(available_at) AS at FROM documents WHERE collection = ? AND due_at IS NOT NULL'),
  }
}
