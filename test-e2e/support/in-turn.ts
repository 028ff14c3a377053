import type { ClusterNode } from './cluster-node.ts'
import type { Disturbance } from './live-chronicle.ts'

/** What happens in one round. */
export interface Step {
  /** Before it begins, when everything is at rest. */
  readonly before?: () => Promise<void>
  readonly during?: () => Promise<void>
}

/** A round for each step. */
export class InTurn implements Disturbance<ClusterNode> {
  readonly #steps: Step[]

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps]
  }

  enough(): boolean {
    return this.#steps.length === 0
  }

  async before(): Promise<void> {
    await this.#steps[0]?.before?.()
  }

  async during<T>(_nodes: readonly ClusterNode[], work: Promise<T>): Promise<T> {
    const [done] = await Promise.all([work, this.#steps.shift()?.during?.()])
    return done
  }
}
