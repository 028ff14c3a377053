import type { Collection, CollectionDefinition } from '@annals/storage'
import type { Engines } from '../engines.ts'

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
  readonly moment: string

  constructor(moment: string) {
    super(`injected ${moment}`)
    this.moment = moment
  }
}

/**
 * Goes wrong once, at one moment. Moments are counted: one before each call that changes something outside the process,
 * and one after it, when it had its effect and its caller does not know. Together they are every place at which a crash
 * makes a difference.
 */
export class Faults {
  /** Names of the moments that have been, in order. */
  readonly moments: string[] = []
  readonly #at: number

  /** The moment that goes wrong, from 0; none where absent. */
  constructor(at = Infinity) {
    this.#at = at
  }

  /** Engines, or a context, whose effects are counted; what uses the ones inside is not. */
  wrap(engines: Engines): Engines {
    const around = <T extends object>(target: T, what: string, methods: readonly (keyof T & string)[]): T =>
      replace(target, Object.fromEntries(methods.map((name) => [name, this.#around(target, what, name)])) as Partial<T>)
    return {
      bus: around(engines.bus, 'bus', ['publish']),
      state: replace(engines.state, {
        collection: <T>(definition: CollectionDefinition<T>): Collection<T> =>
          around(engines.state.collection(definition), definition.name, ['put', 'delete']),
      }),
      messages: around(engines.messages, 'messages', ['ingest', 'settle']),
      blobs: around(engines.blobs, 'blobs', ['put', 'delete']),
      channel: around(engines.channel, 'channel', ['publish']),
      torrents: around(engines.torrents, 'torrents', ['store', 'seed', 'unseed', 'fetch']),
    }
  }

  #around<T extends object>(target: T, what: string, name: keyof T & string): unknown {
    const original = target[name] as (...args: unknown[]) => Promise<unknown>
    return async (...args: unknown[]) => {
      this.#pass(`before ${what}.${name}`)
      const result = await original.apply(target, args)
      this.#pass(`after ${what}.${name}`)
      return result
    }
  }

  #pass(moment: string): void {
    this.moments.push(moment)
    if (this.moments.length - 1 === this.#at) throw new InjectedFault(moment)
  }
}

/** The target with some of its members replaced; the others keep their `this`. */
function replace<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key as keyof T]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
