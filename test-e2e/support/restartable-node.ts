import type { RemoteNode } from '@annals/annals'
import { NodeStartError, NodeUnreachableError } from '@annals/annals'
import type { LivingNode } from './living-node.ts'

/** Where nodes are started. */
interface Home {
  /** Starts the node of a name, on the folder it had before if it was here before. */
  start(name: string): Promise<RemoteNode>
}

/**
 * A node that may die under whoever uses it: work that fails because the node is gone is done again on the next one.
 * Everything that a node takes in is safe to repeat, so this is what any user would do.
 */
export class RestartableNode implements LivingNode {
  readonly name: string
  readonly #home: Home
  #node: Promise<RemoteNode>

  constructor(home: Home, name: string, first: Promise<RemoteNode> = home.start(name)) {
    this.#home = home
    this.name = name
    // A node that is made to crash may do so before it is ready.
    this.#node = first.catch((error: unknown) => {
      if (error instanceof NodeStartError) return home.start(name)
      throw error
    })
  }

  /** Runs work on the node that lives now, until it ends without the node having died on the way. */
  async run<T>(work: (node: RemoteNode) => Promise<T>): Promise<T> {
    for (;;) {
      const current = this.#node
      const node = await current
      try {
        return await work(node)
      } catch (error) {
        // The connection of a process that was killed breaks before its end is known here.
        if (error instanceof NodeUnreachableError) await node.process.ended()
        if (node.process.running && current === this.#node) throw error
        await this.#nextLife(current)
      }
    }
  }

  /** Kill -9, then the next life on the same folder. */
  async kill(): Promise<void> {
    const current = this.#node
    await (await current).process.kill()
    await this.#nextLife(current)
  }

  /** Starts the node again after it died, once for all who noticed. */
  async #nextLife(dead: Promise<RemoteNode>): Promise<void> {
    if (this.#node === dead) {
      this.#node = dead.then(async (node) => {
        await node.process.ended()
        await node[Symbol.asyncDispose]()
        return this.#home.start(this.name)
      })
    }
    await this.#node
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#node)[Symbol.asyncDispose]()
  }
}
