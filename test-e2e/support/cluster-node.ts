import { join } from 'node:path'
import { Cluster, NodeView, serviceNames } from '@annals/annals'
import type { ServiceName } from '@annals/annals'
import { GatewayView } from './gateway-view.ts'
import type { LivingNode } from './living-node.ts'

export interface ClusterNodeOptions {
  /** Its folder, and what it goes by on the servers. */
  readonly name: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly environmentOf: (service: ServiceName) => Readonly<Record<string, string>>
  /** Processes of each service, but for those that are counted. */
  readonly each: number
  readonly counts: Partial<Record<ServiceName, number>>
  /** The command line that its processes run first, where it is another version's. */
  readonly program?: string | undefined
}

/** A node of one process a service, or several of each. */
export class ClusterNode implements LivingNode {
  readonly name: string
  readonly cluster: Cluster
  readonly #gateway = new GatewayView(async () => {
    await this.cluster.of('gateway')[0]?.atWork()
    return new NodeView(this.cluster.address, this.#token)
  })
  readonly #token: string

  constructor({ name, folder, environment, environmentOf, each, counts, program }: ClusterNodeOptions) {
    this.name = name
    this.#token = environment['ANNALS_TOKEN'] ?? ''
    this.cluster = new Cluster({
      folder: join(folder, name),
      counts: { ...Object.fromEntries(serviceNames.map((service) => [service, each])), ...counts },
      environment: { ...environment, ANNALS_NAMESPACE: name },
      environmentOf,
      ...(program !== undefined && { program }),
      // Tests kill a process as soon as it is at work.
      longestPauseMilliseconds: 250,
    })
  }

  run<T>(work: (node: NodeView) => Promise<T>): Promise<T> {
    return this.#gateway.run(work)
  }

  async kill(random: () => number): Promise<void> {
    const { processes } = this.cluster
    processes[Math.floor(random() * processes.length)]?.signal('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gateway[Symbol.dispose]()
    await this.cluster[Symbol.asyncDispose]()
  }
}
