import type { ServiceName } from '@annals/annals'
import { NodeView } from '@annals/annals'
import { GatewayView } from '../gateway-view.ts'
import type { LivingNode } from '../living-node.ts'
import type { PodContainer } from './pod-container.ts'

const gatewayPort = 50_051

/** A node of one container a service. */
export class ContainerNode implements LivingNode {
  readonly name: string
  readonly containers: Readonly<Partial<Record<ServiceName, PodContainer>>>
  readonly #gateway: GatewayView

  constructor(name: string, containers: Readonly<Partial<Record<ServiceName, PodContainer>>>, token: string) {
    this.name = name
    this.containers = containers
    this.#gateway = new GatewayView(async () => {
      const gateway = this.of('gateway')
      await gateway.atWork()
      return new NodeView(await gateway.address(gatewayPort), token)
    })
  }

  /** The container of a service. */
  of(service: ServiceName): PodContainer {
    const found = this.containers[service]
    if (found === undefined) throw new Error(`${this.name} has no ${service}`)
    return found
  }

  run<T>(work: (node: NodeView) => Promise<T>): Promise<T> {
    return this.#gateway.run(work)
  }

  async kill(random: () => number): Promise<void> {
    const all = Object.values(this.containers)
    const container = all[Math.floor(random() * all.length)]
    await container?.kill()
    await container?.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gateway[Symbol.dispose]()
    await Promise.all(Object.values(this.containers).map((each) => each[Symbol.asyncDispose]()))
  }
}
