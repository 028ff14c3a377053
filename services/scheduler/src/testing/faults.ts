import type { SchedulerContext } from '../scheduler-context.ts'
import type { Collection, StateStore } from '@annals/storage'

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
}

/**
 * Goes wrong at one moment of a run. Moments are counted: one before each call of a port and one after it, when it has
 * had its effect and the caller does not know. A `crash` is the end: nothing works for this caller any more.
 */
export class Faults {
  #moment = 0
  #dead = false
  readonly #at: number
  readonly #kind: 'crash' | 'error'

  constructor(at: number, kind: 'crash' | 'error') {
    this.#at = at
    this.#kind = kind
  }

  /** Whether the moment has come. */
  get struck(): boolean {
    return this.#moment > this.#at
  }

  get dead(): boolean {
    return this.#dead
  }

  bus(bus: SchedulerContext['bus']): SchedulerContext['bus'] {
    return {
      onReconnect: (listener) => bus.onReconnect(listener),
      publish: (...args) => this.#around(() => bus.publish(...args)),
      read: (...args) => this.#along(bus.read(...args)),
    }
  }

  state(state: Pick<StateStore, 'collection'>): Pick<StateStore, 'collection'> {
    return { collection: (definition) => this.#collection(state.collection(definition)) }
  }

  #collection<T>(inner: Collection<T>): Collection<T> {
    return {
      get: (...args) => this.#around(() => inner.get(...args)),
      put: (...args) => this.#around(() => inner.put(...args)),
      putMany: (...args) => this.#around(() => inner.putMany(...args)),
      delete: (...args) => this.#around(() => inner.delete(...args)),
      claimDueMany: (...args) => this.#around(() => inner.claimDueMany(...args)),
      claimDue: (...args) => this.#around(() => inner.claimDue(...args)),
      extendClaim: (...args) => this.#around(() => inner.extendClaim(...args)),
      nextDueAt: () => this.#around(() => inner.nextDueAt()),
      list: (...args) => this.#along(inner.list(...args)),
    }
  }

  async #around<R>(call: () => Promise<R>): Promise<R> {
    this.#pass()
    const result = await call()
    this.#pass()
    return result
  }

  async *#along<R>(results: AsyncIterable<R>): AsyncGenerator<R> {
    this.#pass()
    for await (const result of results) {
      yield result
      this.#pass()
    }
  }

  #pass(): void {
    const strikes = this.#moment++ === this.#at
    if (strikes && this.#kind === 'crash') this.#dead = true
    if (strikes || this.#dead) throw new InjectedFault()
  }
}
