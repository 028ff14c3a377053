import type { StatementSync } from 'node:sqlite'
import type { Database } from '@annals/sqlite'
import type { Waiting } from '../delivery-queue.ts'

/** What one consumer has taken in and not acknowledged, and how far it is in the log. Writes stand in transactions. */
export class DeliveryTable {
  readonly #consumer: string
  readonly #database: Database
  readonly #statements: ReturnType<typeof prepareStatements>

  constructor(database: Database, consumer: string) {
    this.#database = database
    this.#consumer = consumer
    this.#statements = prepareStatements(database)
  }

  /** The position of the consumer, which is made where it is new. */
  open(startAt: number): number {
    this.#statements.addConsumer.run(this.#consumer, startAt)
    // What was in the memory of the process that ended is due now.
    this.#statements.recover.run(this.#consumer)
    return Number(this.#statements.position.get(this.#consumer)?.['position'])
  }

  /** How many were taken in and are not done. */
  count(): number {
    return this.#database.read(() => Number(this.#statements.count.get(this.#consumer)?.['count']))
  }

  moveTo(position: number): void {
    this.#statements.moveTo.run(position, this.#consumer)
  }

  takeIn(sequence: number): void {
    this.#statements.takeIn.run(this.#consumer, sequence)
  }

  /** Those whose time has come, earliest first; they are in memory from then on. */
  takeDue(nowMilliseconds: number, limit: number): Waiting[] {
    const rows = this.#statements.due.all(this.#consumer, nowMilliseconds, limit)
    for (const row of rows) this.#statements.taken.run(this.#consumer, Number(row['sequence']))
    return rows as unknown as Waiting[]
  }

  /** When the next one is due, Unix milliseconds. */
  nextDue(): number | undefined {
    const row = this.#database.read(() => this.#statements.nextDue.get(this.#consumer))
    return typeof row?.['due'] === 'number' ? row['due'] : undefined
  }

  handOut(sequence: number): void {
    this.#statements.handOut.run(this.#consumer, sequence)
  }

  done(sequence: number): void {
    this.#statements.done.run(this.#consumer, sequence)
  }

  again(sequence: number, attempts: number, dueMilliseconds: number): void {
    this.#statements.again.run(dueMilliseconds, attempts, this.#consumer, sequence)
  }

  bury(sequence: number, deliveries: number, error: string, timeMilliseconds: number): void {
    this.done(sequence)
    this.#statements.bury.run(this.#consumer, sequence, deliveries, error, timeMilliseconds)
  }
}

function prepareStatements(
  database: Database,
): Record<
  | 'addConsumer'
  | 'recover'
  | 'position'
  | 'count'
  | 'moveTo'
  | 'takeIn'
  | 'due'
  | 'taken'
  | 'nextDue'
  | 'handOut'
  | 'done'
  | 'again'
  | 'bury',
  StatementSync
> {
  return {
    addConsumer: database.prepare('INSERT INTO consumers (name, position) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    recover: database.prepare(
      `UPDATE deliveries SET due_ms = 0, interrupted = interrupted + with_handler, with_handler = 0
       WHERE consumer = ? AND due_ms IS NULL`,
    ),
    position: database.prepare('SELECT position FROM consumers WHERE name = ?'),
    count: database.prepare('SELECT count(*) AS count FROM deliveries WHERE consumer = ?'),
    moveTo: database.prepare('UPDATE consumers SET position = ? WHERE name = ?'),
    takeIn: database.prepare('INSERT INTO deliveries (consumer, sequence) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    due: database.prepare(
      `SELECT sequence, community AS communityId, attempts, interrupted FROM deliveries JOIN events USING (sequence)
       WHERE consumer = ? AND due_ms <= ? ORDER BY due_ms, sequence LIMIT ?`,
    ),
    taken: database.prepare('UPDATE deliveries SET due_ms = NULL WHERE consumer = ? AND sequence = ?'),
    nextDue: database.prepare('SELECT min(due_ms) AS due FROM deliveries WHERE consumer = ? AND due_ms IS NOT NULL'),
    handOut: database.prepare(
      'UPDATE deliveries SET attempts = attempts + 1, with_handler = 1 WHERE consumer = ? AND sequence = ?',
    ),
    done: database.prepare('DELETE FROM deliveries WHERE consumer = ? AND sequence = ?'),
    again: database.prepare(
      'UPDATE deliveries SET due_ms = ?, attempts = ?, with_handler = 0 WHERE consumer = ? AND sequence = ?',
    ),
    bury: database.prepare(
      'INSERT INTO dead_letters (consumer, sequence, deliveries, error, time_ms) VALUES (?, ?, ?, ?, ?)',
    ),
  }
}
