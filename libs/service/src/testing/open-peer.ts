import { join } from 'node:path'
import { openTorrentNode } from '@annals/torrents'
import type { ServiceContext, ServiceDefinition } from '../service.ts'
import type { TestNode } from './open-test-node.ts'

/** What another process that shares a test node's engines sees, with a BitTorrent client of its own. */
export interface Peer extends AsyncDisposable {
  readonly context: ServiceContext
  start(definition: ServiceDefinition): Promise<AsyncDisposable>
  /** The store is out of this process's reach from now on, or again within it. */
  reachesStore(reaches: boolean): void
}

/** The store cannot be reached; a test said so. */
class OutOfReachError extends Error {
  override readonly name = 'OutOfReachError'
}

export async function openPeer(node: TestNode, instance: string): Promise<Peer> {
  await using stack = new AsyncDisposableStack()
  let inReach = true
  const { state } = node.context
  const guarded = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          if (!inReach) throw new OutOfReachError('out of reach')
          return (value as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  const torrents = stack.use(
    await openTorrentNode({ folder: join(node.folder, instance), host: '127.0.0.1', port: 0, dht: false }),
  )
  const context: ServiceContext = {
    ...node.context,
    state: { ...state, collection: (definition) => guarded(state.collection(definition)) },
    torrents,
    instance,
    shared: true,
  }
  const stopping = new AbortController()
  const services = stack.use(new AsyncDisposableStack())
  stack.defer(() => stopping.abort())
  const owned = stack.move()
  return {
    context,
    async start(definition) {
      return services.use(await definition.start(context, stopping.signal))
    },
    reachesStore(reaches) {
      inReach = reaches
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
