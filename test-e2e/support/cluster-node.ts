import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Cluster, NodeError, NodeUnreachableError, NodeView, serviceNames } from '@annals/annals'
import type { ServiceName } from '@annals/annals'
import { status } from '@grpc/grpc-js'
import type { LivingNode } from './living-node.ts'

/** Before a node that something is missing of is asked again. */
const retryMilliseconds = 100

/** What a node answers while what it stands on is away. */
const passing: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.ABORTED]

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
  #view: NodeView | undefined

  constructor({ name, folder, environment, environmentOf, each, counts, program }: ClusterNodeOptions) {
    this.name = name
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

  async run<T>(work: (node: NodeView) => Promise<T>): Promise<T> {
    for (;;) {
      await this.cluster.of('gateway')[0]?.atWork()
      let view = this.#view
      try {
        view ??= new NodeView(this.cluster.address)
        this.#view = view
        return await work(view)
      } catch (error) {
        const passes = error instanceof NodeError && passing.includes(error.code)
        if (!passes && !(error instanceof NodeUnreachableError)) throw error
        if (this.#view === view) this.#view = undefined
        view?.[Symbol.dispose]()
        await setTimeout(retryMilliseconds)
      }
    }
  }

  async kill(random: () => number): Promise<void> {
    const { processes } = this.cluster
    processes[Math.floor(random() * processes.length)]?.signal('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#view?.[Symbol.dispose]()
    await this.cluster[Symbol.asyncDispose]()
  }
}
