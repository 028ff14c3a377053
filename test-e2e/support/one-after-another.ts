import type { ClusterNode } from './cluster-node.ts'
import type { Disturbance } from './live-chronicle.ts'

/** One disturbance until it is enough of it, then the next one. */
export class OneAfterAnother implements Disturbance<ClusterNode> {
  readonly #waiting: Disturbance<ClusterNode>[]

  constructor(disturbances: readonly Disturbance<ClusterNode>[]) {
    this.#waiting = [...disturbances]
  }

  enough(rounds: number): boolean {
    while (this.#waiting[0]?.enough(rounds) === true) this.#waiting.shift()
    return this.#waiting.length === 0
  }

  during<T>(nodes: readonly ClusterNode[], work: Promise<T>): Promise<T> {
    return this.#waiting[0]?.during(nodes, work) ?? work
  }
}
