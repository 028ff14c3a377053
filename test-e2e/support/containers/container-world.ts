import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceName } from '@annals/annals'
import { serviceNames } from '@annals/annals'
import type { CommunityChannel } from '@annals/channels'
import { openNatsChannel } from '@annals/channels/nats'
import type { Party } from '@annals/deploy'
import { natsConfiguration, natsSettingsFor, parties } from '@annals/deploy'
import type { ServerImages } from '@annals/deploy/image'
import type { ContainerPlan, Manifest } from '@annals/deploy/testing'
import { planPod, secretValues } from '@annals/deploy/testing'
import type { NatsLink } from '@annals/nats'
import { connectNats } from '@annals/nats'
import { Network } from 'testcontainers'
import type { StartedNetwork } from 'testcontainers'
import type { Stage } from '../stage.ts'
import { World } from '../world.ts'
import { ContainerNode } from './container-node.ts'
import { PodContainer } from './pod-container.ts'

/** Announcements of both nodes travel on one channel. */
const channelName = 'announcements'
const namespaces = ['control', 'member'] as const

/** A member neither seals nor announces. */
const memberServices: readonly ServiceName[] = ['collector', 'seeder', 'fetcher', 'gateway']

const passwords = Object.fromEntries(parties.map((party) => [party, `password-of-${party}`])) as Record<Party, string>
const administrator = { user: 'administrator', password: 'password-of-administrator' }
const natsPort = 4222
const natsUrl = `nats://nats:${natsPort}`
const clockFolder = '/run/clock'

const secrets = {
  'annals-master-key': { 'master.key': `${'0f'.repeat(32)}\n` },
  'annals-mongodb': { password: new URL(secretOf('annals-mongodb/uri')).password },
}

export interface ContainerWorldOptions {
  /** What is deployed: an overlay with NATS and MongoDB inside. */
  readonly manifests: readonly Manifest[]
  /** The image of all services. */
  readonly image: string
  readonly servers: ServerImages
  readonly network: StartedNetwork
  /** Unix seconds where the clock begins. */
  readonly now: number
  /** A world whose tracker this one uses; containers reach it. */
  readonly beside: World
}

/** A network of containers for one node that controls a community and one that is a member, on the servers of a manifest. */
export class ContainerWorld implements Stage, AsyncDisposable {
  readonly world: World
  readonly nats: PodContainer
  readonly mongodb: PodContainer
  readonly control: ContainerNode
  readonly member: ContainerNode
  readonly #stack: AsyncDisposableStack

  private constructor(
    world: World,
    parts: { nats: PodContainer; mongodb: PodContainer; control: ContainerNode; member: ContainerNode },
    stack: AsyncDisposableStack,
  ) {
    this.world = world
    this.nats = parts.nats
    this.mongodb = parts.mongodb
    this.control = parts.control
    this.member = parts.member
    this.#stack = stack
  }

  /** Starts everything at once, as a cluster would; resolves when all of it is at work. @throws ContainerStartError */
  static async create(options: ContainerWorldOptions): Promise<ContainerWorld> {
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await World.create(options.now, options.beside))
    const pods = new Pods(options, world)
    await pods.makeFolders()
    const nats = stack.use(await pods.nats())
    const mongodb = stack.use(await pods.mongodb())
    // As the container that runs before the scheduler's does in each installation.
    await Promise.all(namespaces.map((namespace) => pods.declareStreams(namespace)))
    const control = stack.use(await pods.node('control', serviceNames))
    const member = stack.use(await pods.node('member', memberServices))
    const services = [control, member].flatMap(({ containers }) => Object.values(containers))
    await Promise.all(services.map((each) => each.atWork()))
    return new ContainerWorld(world, { nats, mongodb, control, member }, stack.move())
  }

  get clock(): World['clock'] {
    return this.world.clock
  }

  get containers(): readonly PodContainer[] {
    const services = [this.control, this.member].flatMap(({ containers }) => Object.values(containers))
    return [...services, this.nats, this.mongodb]
  }

  /** A connection of one who may do everything. */
  async connectNats(): Promise<NatsLink> {
    const { user, password } = administrator
    return connectNats({ servers: `nats://${user}:${password}@${await this.nats.address(natsPort)}`, name: 'test' })
  }

  async openChannel(): Promise<CommunityChannel> {
    await using stack = new AsyncDisposableStack()
    const link = stack.use(await this.connectNats())
    const channel = stack.use(await openNatsChannel({ link, namespace: channelName, replicas: 1 }))
    const owned = stack.move()
    return {
      publish: (...args) => channel.publish(...args),
      receive: (...args) => channel.receive(...args),
      holds: (...args) => channel.holds(...args),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

/** A network for containers, and the address at which they reach this machine. */
export async function openNetwork(): Promise<{ readonly network: StartedNetwork; readonly host: string }> {
  const network = await new Network().start()
  const { getContainerRuntimeClient } = await import('testcontainers')
  const client = await getContainerRuntimeClient()
  const inspected = (await client.network.getById(network.getId()).inspect()) as {
    IPAM: { Config: { Gateway: string }[] }
  }
  const host = inspected.IPAM.Config[0]?.Gateway
  if (host === undefined) throw new Error(`the network ${network.getName()} has no gateway`)
  return { network, host }
}

/** Makes containers of manifests. */
class Pods {
  readonly #options: ContainerWorldOptions
  readonly #world: World
  readonly #volumes: string

  constructor(options: ContainerWorldOptions, world: World) {
    this.#options = options
    this.#world = world
    this.#volumes = join(world.folder, 'volumes')
  }

  /** What containers mount is made below a folder that their users may pass through. */
  async makeFolders(): Promise<void> {
    await chmod(this.#world.folder, 0o755)
    await mkdir(this.#volumes)
  }

  async nats(): Promise<PodContainer> {
    const plan = this.#plan('nats', 'nats')
    const accounts = natsConfiguration(passwords, { namespaces, channel: channelName, administrator })
    const mounts = plan.mounts.map((mount) => {
      if (mount.volume.kind !== 'files') return mount
      const configuration = mount.volume.files['nats.conf']?.replace(/accounts \{[^}]*\}/, accounts)
      return { ...mount, volume: { kind: 'files' as const, files: { 'nats.conf': configuration ?? '' } } }
    })
    return this.#server({ ...plan, mounts }, 'nats', this.#options.servers.nats)
  }

  mongodb(): Promise<PodContainer> {
    return this.#server(this.#plan('mongodb', 'mongodb'), 'mongodb', this.#options.servers.mongodb)
  }

  async declareStreams(namespace: string): Promise<void> {
    const name = `${namespace}-declare-streams`
    await using container = await this.#ours(this.#plan('scheduler', 'declare-streams'), name, namespace, 'setup')
    const code = await container.ended()
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${await container.output()}`)
  }

  async node(namespace: string, services: readonly ServiceName[]): Promise<ContainerNode> {
    await using stack = new AsyncDisposableStack()
    const containers: Partial<Record<ServiceName, PodContainer>> = {}
    for (const service of services) {
      const plan = this.#plan(service, 'annals')
      containers[service] = stack.use(await this.#ours(plan, `${namespace}-${service}`, namespace, service))
    }
    stack.move()
    return new ContainerNode(namespace, containers, secretOf('annals-gateway/token'))
  }

  #plan(workload: string, container: string): ContainerPlan {
    const plan = planPod(this.#options.manifests, workload)[container]
    if (plan === undefined) throw new Error(`${workload} has no container ${container}`)
    return plan
  }

  async #server(plan: ContainerPlan, name: string, image: string): Promise<PodContainer> {
    const { network } = this.#options
    await using stack = new AsyncDisposableStack()
    const container = stack.use(
      await PodContainer.start({ plan, name, image, network, folder: this.#volumes, secrets }),
    )
    await container.atWork()
    stack.move()
    return container
  }

  #ours(plan: ContainerPlan, name: string, namespace: string, party: Party): Promise<PodContainer> {
    const { image, network } = this.#options
    const { ANNALS_TRACKERS: trackers, ANNALS_FETCH_STALL_SECONDS: stall } = this.#world.environment
    const environment = {
      ...natsSettingsFor(party, natsUrl, passwords[party], namespace),
      ANNALS_NAMESPACE: namespace,
      ANNALS_CHANNEL: `nats:${channelName}`,
      ANNALS_CLOCK: `file:${clockFolder}/clock`,
      ANNALS_TRACKERS: trackers ?? '',
      ANNALS_TORRENT_DHT: 'off',
      ANNALS_FETCH_STALL_SECONDS: stall ?? '',
      // Within the minutes that this takes.
      ANNALS_FETCH_PROBE_SECONDS: '30',
    }
    const shown = { source: this.#world.folder, target: clockFolder }
    return PodContainer.start({ plan, name, image, network, folder: this.#volumes, environment, secrets, shown })
  }
}

function secretOf(name: string): string {
  const value = secretValues[name]
  if (value === undefined) throw new Error(`nothing says what the secret ${name} is`)
  return value
}
