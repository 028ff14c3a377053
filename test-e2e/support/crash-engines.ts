import type { Engines } from '@annals/service'
import type { Collection, CollectionDefinition } from '@annals/storage'

/** Called before each effect on the outside, with its name. */
export type BeforeEffect = (name: string) => void

/**
 * The engines, with something called before each call that changes the world outside the process, and before each ack.
 * So "before effect n + 1" is "between effect n and n + 1", and every such moment has a number.
 */
export function watchEffects(engines: Engines, before: BeforeEffect): Engines {
  return {
    bus: watchBus(engines.bus, before),
    state: watch(engines.state, {
      collection: <T>(definition: CollectionDefinition<T>): Collection<T> =>
        watch(
          engines.state.collection(definition),
          counted(engines.state.collection(definition), ['put', 'delete'], definition.name, before),
        ),
    }),
    messages: watch(
      engines.messages,
      counted(engines.messages, ['ingest', 'settle', 'deleteCommunity'], 'messages', before),
    ),
    blobs: watch(engines.blobs, counted(engines.blobs, ['put', 'delete'], 'blobs', before)),
    channel: watch(engines.channel, counted(engines.channel, ['publish'], 'channel', before)),
    torrents: watch(
      engines.torrents,
      counted(engines.torrents, ['store', 'seed', 'unseed', 'fetch'], 'torrents', before),
    ),
  }
}

function watchBus(bus: Engines['bus'], before: BeforeEffect): Engines['bus'] {
  return watch(bus, {
    ...counted(bus, ['publish'], 'bus', before),
    consume: (spec, handler) =>
      bus.consume(spec, async (event, delivery) => {
        await handler(event, delivery)
        before(`${spec.name} acks ${event.name}`)
      }),
  })
}

function counted<T extends object>(
  target: T,
  methods: readonly (keyof T & string)[],
  what: string,
  before: BeforeEffect,
): Partial<T> {
  const replaced: Partial<T> = {}
  for (const method of methods) {
    const original = target[method] as (...args: unknown[]) => unknown
    replaced[method] = ((...args: unknown[]) => {
      before(`${what}.${method}`)
      return original.apply(target, args)
    }) as T[typeof method]
  }
  return replaced
}

/** The target with some of its members replaced; the others keep their `this`. */
function watch<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key as keyof T]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
