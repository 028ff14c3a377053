import { setTimeout } from 'node:timers/promises'
import type { KeptProcess } from '@annals/annals'
import type { ClusterNode } from './cluster-node.ts'
import type { Disturbance } from './live-chronicle.ts'

const lookMilliseconds = 50

/** Every process is told to stop and started again, one after the other, while rounds are lived through. */
export class RollingRestart implements Disturbance<ClusterNode> {
  /** How the processes ended, by name: an exit code or a signal. */
  readonly endings: Record<string, string | undefined> = {}
  readonly #waiting: { readonly node: string; readonly process: KeptProcess }[]

  constructor(nodes: readonly ClusterNode[]) {
    this.#waiting = nodes.flatMap((node) => node.cluster.processes.map((process) => ({ node: node.name, process })))
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
      await process.atWork()
      const { restarts } = process.state
      process.signal('SIGTERM')
      while (process.state.restarts === restarts) await setTimeout(lookMilliseconds)
      this.endings[`${node}/${process.name}`] = process.state.lastEnding
      await process.atWork()
    } while (!signal.aborted)
  }
}
