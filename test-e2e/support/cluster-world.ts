import type { ServiceName } from '@annals/annals'
import type { CommunityChannel } from '@annals/channels'
import type { FaultProxy, LocalServer } from '@annals/local-servers'
import { openNatsChannel } from '@annals/channels/nats'
import { startFaultProxy, startMongo, startNats } from '@annals/local-servers'
import { connectNats } from '@annals/nats'
import type { Stage } from './stage.ts'
import { ClusterNode } from './cluster-node.ts'
import { World } from './world.ts'

/** Announcements of all nodes of a world travel on one channel, whatever each goes by. */
const channelName = 'announcements'

/** A control node has nothing to fetch. */
const controlServices: Partial<Record<ServiceName, number>> = { fetcher: 0 }

/** A member neither seals nor announces. */
const memberServices: Partial<Record<ServiceName, number>> = { scheduler: 0, archiver: 0, 'magnet-dispatcher': 0 }

/** A machine with servers of its own, for nodes of one process a service. */
export class ClusterWorld implements Stage, AsyncDisposable {
  readonly world: World
  readonly nats: LocalServer
  readonly mongo: LocalServer
  /** Between the nodes and the servers. */
  readonly natsProxy: FaultProxy
  readonly mongoProxy: FaultProxy
  readonly #stack: AsyncDisposableStack

  private constructor(
    world: World,
    servers: { nats: LocalServer; mongo: LocalServer; natsProxy: FaultProxy; mongoProxy: FaultProxy },
    stack: AsyncDisposableStack,
  ) {
    this.world = world
    this.nats = servers.nats
    this.mongo = servers.mongo
    this.natsProxy = servers.natsProxy
    this.mongoProxy = servers.mongoProxy
    this.#stack = stack
  }

  /**
   * @param now where the clock begins, Unix seconds
   * @param beside a world whose tracker this one uses: then magnet links of both are the same
   * @throws ServerUnavailableError, ServerStartError
   */
  static async create(now: number, beside?: World): Promise<ClusterWorld> {
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await World.create(now, beside))
    const starting = [startNats(), startMongo()].map(async (server) => stack.use(await server))
    await Promise.allSettled(starting)
    const [nats, mongo] = (await Promise.all(starting)) as [LocalServer, LocalServer]
    const natsProxy = stack.use(await startFaultProxy(endpointOf(nats)))
    const mongoProxy = stack.use(await startFaultProxy(endpointOf(mongo)))
    return new ClusterWorld(world, { nats, mongo, natsProxy, mongoProxy }, stack.move())
  }

  get clock(): World['clock'] {
    return this.world.clock
  }

  async openChannel(): Promise<CommunityChannel> {
    await using stack = new AsyncDisposableStack()
    const link = stack.use(await connectNats({ servers: this.nats.url, name: 'test' }))
    const channel = await openNatsChannel({ link, namespace: channelName, replicas: 1 })
    stack.use(channel)
    const owned = stack.move()
    return {
      publish: (...args) => channel.publish(...args),
      receive: (...args) => channel.receive(...args),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }

  /** A control node and a member, `each` processes of every service that they need. */
  nodes(each: number): readonly [ClusterNode, ClusterNode] {
    return [this.#node('control', each, controlServices), this.#node('member', each, memberServices)]
  }

  #node(name: string, each: number, without: Partial<Record<ServiceName, number>>): ClusterNode {
    return new ClusterNode({
      name,
      folder: this.world.folder,
      each,
      counts: without,
      environment: {
        ...this.world.environment,
        NATS_URL: `nats://${at(this.natsProxy)}`,
        MONGODB_URI: `mongodb://${at(this.mongoProxy)}`,
        ANNALS_CHANNEL: `nats:${channelName}`,
        ANNALS_TAKE_OVER_SECONDS: '2',
      },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

function endpointOf({ url }: LocalServer): { host: string; port: number } {
  const { hostname: host, port } = new URL(url)
  return { host, port: Number(port) }
}

function at({ address: { host, port } }: FaultProxy): string {
  return `${host}:${port}`
}
