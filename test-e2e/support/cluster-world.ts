import type { ServiceName } from '@annals/annals'
import type { CommunityChannel } from '@annals/channels'
import type { FaultProxy, LocalServer } from '@annals/local-servers'
import { openNatsChannel } from '@annals/channels/nats'
import { startFaultProxy, startMongo, startNats } from '@annals/local-servers'
import type { Party } from '@annals/deploy'
import { declareStreams, natsConfiguration, natsSettingsFor, parties } from '@annals/deploy'
import type { NatsLink } from '@annals/nats'
import { connectNats } from '@annals/nats'
import type { StateStore } from '@annals/storage'
import { connectMongo, openMongoState } from '@annals/storage/mongo'
import type { Stage } from './stage.ts'
import { ClusterNode } from './cluster-node.ts'
import { World } from './world.ts'

/** Announcements of all nodes of a world travel on one channel, whatever each goes by. */
const channelName = 'announcements'

const namespaces = ['control', 'member']

/** Each service has a user of its own, which may do what it needs and no more. */
const passwords = Object.fromEntries(parties.map((party) => [party, `password-of-${party}`])) as Record<Party, string>
const administrator = { user: 'administrator', password: 'password-of-administrator' }

/** What the server's users may do, by the table of whichever version. */
export type ConfigureNats = (...args: Parameters<typeof natsConfiguration>) => string | Promise<string>

interface ControlOptions {
  /** The command line that it runs, where it is another version's. */
  readonly program?: string | undefined
  /** Of processes of services that are not to be as many as the others. */
  readonly counts?: Partial<Record<ServiceName, number>>
  /** Of its processes, before those of all. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A control node has nothing to fetch, and strangers look where a test says so alone. */
const controlServices: Partial<Record<ServiceName, number>> = { fetcher: 0, prober: 0 }

/** A member neither seals nor announces. */
const memberServices: Partial<Record<ServiceName, number>> = {
  scheduler: 0,
  archiver: 0,
  'magnet-dispatcher': 0,
  prober: 0,
}

/** A machine with servers of its own, for nodes of one process a service. */
export class ClusterWorld implements Stage, AsyncDisposable {
  readonly world: World
  readonly nats: LocalServer
  readonly mongo: LocalServer
  /** Between the nodes and the servers. */
  readonly natsProxy: FaultProxy
  readonly mongoProxy: FaultProxy
  readonly #settings: Readonly<Record<string, string>>
  readonly #stack: AsyncDisposableStack

  private constructor(
    world: World,
    servers: { nats: LocalServer; mongo: LocalServer; natsProxy: FaultProxy; mongoProxy: FaultProxy },
    settings: Readonly<Record<string, string>>,
    stack: AsyncDisposableStack,
  ) {
    this.world = world
    this.nats = servers.nats
    this.mongo = servers.mongo
    this.natsProxy = servers.natsProxy
    this.mongoProxy = servers.mongoProxy
    this.#settings = settings
    this.#stack = stack
  }

  /**
   * @param now where the clock begins, Unix seconds
   * @param settings of every process, beside those that it needs
   * @param beside a world whose tracker this one uses: then magnet links of both are the same
   * @param configure what its NATS users may do: that of a newer version, where one is to run as well
   * @throws ServerUnavailableError, ServerStartError
   */
  static async create(
    now: number,
    beside?: World,
    settings: Record<string, string> = {},
    configure: ConfigureNats = natsConfiguration,
  ): Promise<ClusterWorld> {
    const configuration = await configure(passwords, { namespaces, channel: channelName, administrator })
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await World.create(now, beside))
    const starting = [startNats({ configuration }), startMongo()].map(async (server) => stack.use(await server))
    await Promise.allSettled(starting)
    const [nats, mongo] = (await Promise.all(starting)) as [LocalServer, LocalServer]
    await declareAllStreams(nats)
    const natsProxy = stack.use(await startFaultProxy(endpointOf(nats)))
    const mongoProxy = stack.use(await startFaultProxy(endpointOf(mongo)))
    return new ClusterWorld(world, { nats, mongo, natsProxy, mongoProxy }, settings, stack.move())
  }

  get clock(): World['clock'] {
    return this.world.clock
  }

  /** What the processes of a node have written down. */
  async openState(node: ClusterNode): Promise<StateStore> {
    await using stack = new AsyncDisposableStack()
    const mongo = stack.use(await connectMongo({ uri: this.mongo.url, namespace: node.name, appName: 'test' }))
    const state = stack.use(await openMongoState({ link: mongo }))
    const owned = stack.move()
    return {
      collection: (definition) => state.collection(definition),
      scrub: () => state.scrub(),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }

  /** A connection of one who may do everything. */
  connectNats(): Promise<NatsLink> {
    return connectAsAdministrator(this.nats)
  }

  async openChannel(): Promise<CommunityChannel> {
    await using stack = new AsyncDisposableStack()
    const link = stack.use(await this.connectNats())
    const channel = await openNatsChannel({ link, namespace: channelName, replicas: 1 })
    stack.use(channel)
    const owned = stack.move()
    return {
      publish: (...args) => channel.publish(...args),
      receive: (...args) => channel.receive(...args),
      holds: (...args) => channel.holds(...args),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }

  /**
   * A control node and a member, `each` processes of every service that they need.
   * @param program the command line that they run, where it is another version's
   */
  nodes(each: number, program?: string): readonly [ClusterNode, ClusterNode] {
    return [this.control(each, { program }), this.member(each, program)]
  }

  /**
   * A control node alone.
   */
  control(each: number, { program, counts, settings }: ControlOptions = {}): ClusterNode {
    return this.#node('control', each, { ...controlServices, ...counts }, program, settings)
  }

  /** A member alone. */
  member(each: number, program?: string): ClusterNode {
    return this.#node('member', each, memberServices, program)
  }

  #node(
    name: string,
    each: number,
    without: Partial<Record<ServiceName, number>>,
    program?: string,
    settings: Readonly<Record<string, string>> = {},
  ): ClusterNode {
    return new ClusterNode({
      program,
      name,
      folder: this.world.folder,
      each,
      counts: without,
      environment: {
        ...this.world.environment,
        MONGODB_URI: `mongodb://${at(this.mongoProxy)}`,
        ANNALS_CHANNEL: `nats:${channelName}`,
        ANNALS_TAKE_OVER_SECONDS: '2',
        ...this.#settings,
        ...settings,
      },
      environmentOf: (service) => natsSettingsFor(service, `nats://${at(this.natsProxy)}`, passwords[service], name),
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

function connectAsAdministrator({ url }: LocalServer): Promise<NatsLink> {
  const address = new URL(url)
  address.username = administrator.user
  address.password = administrator.password
  return connectNats({ servers: address.href, name: 'test' })
}

/** As an operator does before anything is started. */
async function declareAllStreams(nats: LocalServer): Promise<void> {
  await using link = await connectAsAdministrator(nats)
  for (const namespace of namespaces)
    await declareStreams({ link, namespace, channel: channelName, replicas: 1, log: { warn: () => undefined } })
}
