import type { StatementSync } from 'node:sqlite'
import type { Database } from '@annals/sqlite'
import { ChatListener } from '../chat-listener.ts'

/** Tells those who read a chat that something new is there, and only them. */
export class ChatListeners {
  readonly #database: Database
  readonly #last: StatementSync
  readonly #chats: StatementSync
  readonly #listeners = new Map<string, Set<ChatListener>>()
  #seen: number

  constructor(database: Database) {
    this.#database = database
    this.#last = database.prepare('SELECT max(sequence) AS last FROM messages')
    this.#chats = database.prepare('SELECT DISTINCT chat FROM messages WHERE sequence > ? AND sequence <= ?')
    this.#seen = this.#lastSequence()
  }

  listen(chatId: string): ChatListener & Disposable {
    const listener = new ChatListener()
    const listeners = this.#listeners.get(chatId) ?? new Set()
    this.#listeners.set(chatId, listeners.add(listener))
    return Object.assign(listener, {
      [Symbol.dispose]: () => {
        listeners.delete(listener)
        if (listeners.size === 0 && this.#listeners.get(chatId) === listeners) this.#listeners.delete(chatId)
      },
    })
  }

  /** Looks for what is new since the last look and wakes who waits for it. */
  look(): void {
    if (!this.#database.isOpen) return
    try {
      const last = this.#lastSequence()
      if (last === this.#seen) return
      const rows = this.#database.read(() => this.#chats.all(this.#seen, last))
      this.#seen = last
      for (const row of rows) this.#wake(String(row['chat']))
    } catch {
      // Whoever reads next meets the same trouble and can be told of it.
      this.wakeAll()
    }
  }

  wakeAll(): void {
    for (const chatId of this.#listeners.keys()) this.#wake(chatId)
  }

  #wake(chatId: string): void {
    for (const listener of this.#listeners.get(chatId) ?? []) listener.wake()
  }

  #lastSequence(): number {
    return this.#database.read(() => Number(this.#last.get()?.['last'] ?? 0))
  }
}
