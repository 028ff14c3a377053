import { setTimeout } from 'node:timers/promises'
import type { Disturbance } from './live-chronicle.ts'
import type { LivingNode } from './living-node.ts'
import { Random } from './random.ts'

export interface KillOptions {
  readonly kills: number
  /** Makes the moments of the kills; how far the nodes are by then is up to the machine. */
  readonly seed: number
  readonly onKill?: (kills: number) => void
}

/** Anything that is killed and lives on. */
export type Victim = Pick<LivingNode, 'kill'>

const longestLifeMilliseconds = 700

/** Kills one of its victims every now and then, the same moments for the same seed. */
export class Killer implements Disturbance {
  kills = 0
  readonly #options: KillOptions
  readonly #random: Random

  constructor(options: KillOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  enough(): boolean {
    return this.kills >= this.#options.kills
  }

  async during<T>(victims: readonly Victim[], work: Promise<T>): Promise<T> {
    const done = new AbortController()
    const killing = this.#kill(victims, done.signal)
    try {
      return await work
    } finally {
      done.abort()
      await killing
    }
  }

  async #kill(victims: readonly Victim[], signal: AbortSignal): Promise<void> {
    // The first kill of a round comes whether or not the round is done by then.
    do {
      await setTimeout(this.#random.next() * longestLifeMilliseconds)
      await victims[Math.floor(this.#random.next() * victims.length)]?.kill(() => this.#random.next())
      this.kills += 1
      this.#options.onKill?.(this.kills)
    } while (!signal.aborted && !this.enough())
  }
}
