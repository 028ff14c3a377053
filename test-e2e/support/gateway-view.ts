import { setTimeout } from 'node:timers/promises'
import type { NodeView } from '@annals/annals'
import { NodeError, NodeUnreachableError } from '@annals/annals'
import { status } from '@grpc/grpc-js'

/** Before a node that something is missing of is asked again. */
const retryMilliseconds = 100

/** What a node answers while what it stands on is away. */
const passing: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.ABORTED]

/** A node of many processes as it is seen through its gateway, whichever of them dies. */
export class GatewayView implements Disposable {
  readonly #connect: () => Promise<NodeView>
  #view: NodeView | undefined

  /** @param connect waits for the gateway */
  constructor(connect: () => Promise<NodeView>) {
    this.#connect = connect
  }

  /** Runs work on the node, again where it could not end because something of the node was gone. */
  async run<T>(work: (node: NodeView) => Promise<T>): Promise<T> {
    for (;;) {
      let view = this.#view
      try {
        view ??= await this.#connect()
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

  [Symbol.dispose](): void {
    this.#view?.[Symbol.dispose]()
  }
}
