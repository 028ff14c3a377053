import type { StatementSync } from 'node:sqlite'
import type { Database } from '@annals/sqlite'

interface Change {
  readonly topic: Uint8Array
  messages: number
  pending: number
  oldest: number
  newest: number
}

/** Gathers what a batch changes in the counts of its topics, so that each topic is written once a batch. */
export class TopicChanges {
  readonly #changes = new Map<string, Change>()

  added(topic: Uint8Array, timestamp: number, pending: boolean): void {
    const change = this.#of(topic)
    change.messages += 1
    if (pending) change.pending += 1
    change.oldest = Math.min(change.oldest, timestamp)
    change.newest = Math.max(change.newest, timestamp)
  }

  settled(topic: Uint8Array, messages: number): void {
    if (messages > 0) this.#of(topic).pending -= messages
  }

  write(statement: StatementSync, community: number): void {
    for (const { topic, messages, pending, oldest, newest } of this.#changes.values()) {
      // Nothing was added where only the state changed; the row is there then, and keeps its times.
      const times = messages === 0 ? [Number.MAX_SAFE_INTEGER, -1] : [oldest, newest]
      statement.run(community, topic, messages, pending, ...times)
    }
  }

  #of(topic: Uint8Array): Change {
    const key = topicKey(topic)
    let change = this.#changes.get(key)
    if (change === undefined) {
      change = { topic, messages: 0, pending: 0, oldest: Infinity, newest: -Infinity }
      this.#changes.set(key, change)
    }
    return change
  }
}

export function prepareTopicUpsert(database: Database): StatementSync {
  return database.prepare(
    `INSERT INTO topics (community, topic, messages, pending, oldest, newest) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       messages = messages + excluded.messages,
       pending = pending + excluded.pending,
       oldest = min(oldest, excluded.oldest),
       newest = max(newest, excluded.newest)`,
  )
}

/** The bytes as a text that tells topics apart. */
export function topicKey(topic: Uint8Array): string {
  return Buffer.from(topic.buffer, topic.byteOffset, topic.byteLength).toString('latin1')
}
