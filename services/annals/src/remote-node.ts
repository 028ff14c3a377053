import type { NodeProcessOptions } from './node-process.ts'
import { NodeProcess } from './node-process.ts'
import { NodeView } from './node-view.ts'

/** A node in a process of its own, and what a client of it sees. */
export class RemoteNode extends NodeView implements AsyncDisposable {
  readonly process: NodeProcess

  private constructor(process: NodeProcess) {
    super(process.address)
    this.process = process
  }

  static async start(options: NodeProcessOptions): Promise<RemoteNode> {
    return new RemoteNode(await NodeProcess.start(options))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    await this.process[Symbol.asyncDispose]()
  }
}
