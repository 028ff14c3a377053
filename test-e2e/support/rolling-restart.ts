import type { KeptProcess } from '@annals/annals'
import type { ClusterNode } from './cluster-node.ts'
import type { Disturbance } from './live-chronicle.ts'
import { restartProcess } from './restart-process.ts'

interface Restart {
  readonly node: string
  readonly process: KeptProcess
}

/** Every process is told to stop and started again, one after the other, while rounds are lived through. */
export class RollingRestart implements Disturbance<ClusterNode> {
  /** How the processes ended, by name: an exit code or a signal. */
  readonly endings: Record<string, string | undefined> = {}
  readonly #waiting: Restart[]
  readonly #program: string | undefined
  readonly #onRestarted: (process: KeptProcess) => Promise<void>

  /**
   * @param program the command line that each of them runs from then on, where it is another one
   * @param onRestarted looks at a process that is at work again, before the next one is told to stop
   */
  constructor(
    nodes: readonly ClusterNode[],
    { program, onRestarted }: { program?: string; onRestarted?: (process: KeptProcess) => Promise<void> } = {},
  ) {
    this.#waiting = nodes.flatMap((node) => node.cluster.processes.map((process) => ({ node: node.name, process })))
    this.#program = program
    this.#onRestarted = onRestarted ?? (() => Promise.resolve())
  }

  enough(): boolean {
    return this.#waiting.length === 0
  }

  async during<T>(_nodes: readonly ClusterNode[], work: Promise<T>): Promise<T> {
    const done = new AbortController()
    const restarting = this.#restart(done.signal)
    try {
      return await work
    } finally {
      done.abort()
      await restarting
    }
  }

  async #restart(signal: AbortSignal): Promise<void> {
    do {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const { node, process } = next
      this.endings[`${node}/${process.name}`] = await restartProcess(process, this.#program)
      await this.#onRestarted(process)
    } while (!signal.aborted)
  }
}
