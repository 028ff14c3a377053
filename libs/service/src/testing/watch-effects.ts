import type { Collection, CollectionDefinition } from '@annals/storage'
import type { Engines } from '../engines/engines.ts'

export interface EffectWatcher {
  /** Called before each effect; what it throws comes in the effect's place. */
  before(effect: string): void
  /** Called when the effect is done and its caller does not know yet. */
  after?(effect: string): void
}

/**
 * The engines, with somebody told of each call that changes the world outside the process, and of each ack. Together
 * these are every place at which a crash makes a difference. Claims are left out: taking one changes nothing that
 * the next effect does not show, and looking for one goes on without end.
 */
export function watchEffects(engines: Engines, watcher: EffectWatcher): Engines {
  const watch = <T extends object>(target: T, what: string, methods: readonly (keyof T & string)[]): T =>
    replace(target, Object.fromEntries(methods.map((name) => [name, watched(target, what, name)])) as Partial<T>)
  const watched = <T extends object>(target: T, what: string, name: keyof T & string): unknown => {
    const original = target[name] as (...args: unknown[]) => Promise<unknown>
    return async (...args: unknown[]) => {
      watcher.before(`${what}.${name}`)
      const result = await original.apply(target, args)
      watcher.after?.(`${what}.${name}`)
      return result
    }
  }
  return {
    ...engines,
    bus: replace(watch(engines.bus, 'bus', ['publish']), {
      consume: (spec, handler) =>
        engines.bus.consume(spec, async (event, delivery) => {
          await handler(event, delivery)
          watcher.before(`${spec.name} acks ${event.name}`)
        }),
    }),
    state: replace(engines.state, {
      collection: <T>(definition: CollectionDefinition<T>): Collection<T> =>
        watch(engines.state.collection(definition), definition.name, ['put', 'putMany', 'delete']),
    }),
    messages: watch(engines.messages, 'messages', ['ingest', 'settle', 'deleteCommunity']),
    blobs: watch(engines.blobs, 'blobs', ['put', 'delete', 'deleteUnused', 'sweep']),
    channel: watch(engines.channel, 'channel', ['publish']),
    torrents: watch(engines.torrents, 'torrents', ['store', 'seed', 'unseed', 'fetch']),
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
