import { setTimeout } from 'node:timers/promises'
import { Chronicle, beginning, week } from './chronicle.ts'
import type { Disturbance, Outcome } from './live-chronicle.ts'
import { calm, liveChronicle } from './live-chronicle.ts'
import type { LivingNode } from './living-node.ts'
import { Random } from './random.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

export interface KillOptions {
  readonly kills: number
  /** Makes the moments of the kills; how far the nodes are by then is up to the machine. */
  readonly seed: number
  readonly onKill?: (kills: number) => void
}

const firstWeeks = 3
const messagesPerWeek = 25
const longestLifeMilliseconds = 700

/** A chronicle with kills and, for as many rounds, one without. */
export async function runKills(
  options: KillOptions,
): Promise<{ disturbed: Outcome; undisturbed: Outcome; kills: number }> {
  // A round outlives one kill at the least, so there are never more rounds than kills.
  const chronicle = new Chronicle(firstWeeks + options.kills, messagesPerWeek, firstWeeks)
  const now = beginning + firstWeeks * week
  await using world = await World.create(now)
  const killer = new Killer(options)
  const disturbed = await inWorld(world, chronicle, killer)
  await using calmWorld = await World.create(now, world)
  const undisturbed = await inWorld(calmWorld, chronicle, calm(disturbed.infoHashes.length))
  return { disturbed, undisturbed, kills: killer.kills }
}

async function inWorld(world: World, chronicle: Chronicle, disturbance: Disturbance): Promise<Outcome> {
  await using control = new RestartableNode(world, 'control')
  await using member = new RestartableNode(world, 'member')
  return await liveChronicle(world, chronicle, [control, member], disturbance)
}

/** Kills a node every now and then, the same moments for the same seed. */
class Killer implements Disturbance {
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

  async during<T>(nodes: readonly LivingNode[], work: Promise<T>): Promise<T> {
    const done = new AbortController()
    const killing = this.#kill(nodes, done.signal)
    try {
      return await work
    } finally {
      done.abort()
      await killing
    }
  }

  async #kill(nodes: readonly LivingNode[], signal: AbortSignal): Promise<void> {
    // The first kill of a round comes whether or not the round is done by then.
    do {
      await setTimeout(this.#random.next() * longestLifeMilliseconds)
      await nodes[Math.floor(this.#random.next() * nodes.length)]?.kill(() => this.#random.next())
      this.kills += 1
      this.#options.onKill?.(this.kills)
    } while (!signal.aborted && !this.enough())
  }
}
