import { cp, rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { FaultProxy, LocalServer } from '@annals/local-servers'
import type { ClusterNode } from './cluster-node.ts'
import type { ClusterWorld } from './cluster-world.ts'
import type { Disturbance } from './live-chronicle.ts'
import { Random } from './random.ts'

/** One thing that goes wrong, until it is right again. */
type Fault = (surroundings: Surroundings) => Promise<void>

interface Surroundings {
  readonly world: ClusterWorld
  readonly nodes: readonly ClusterNode[]
  readonly random: () => number
  /** Before one more service is killed or told to stop, on the average. */
  readonly pauseMilliseconds: number
}

const longestJumpSeconds = 86_400

/** A scheduler looks at such a clock more often. */
const lookMilliseconds = 500

/** What may go wrong, by a name that a run's output tells. */
export const faults = {
  async 'a service is killed'({ nodes, random, pauseMilliseconds }) {
    await setTimeout(random() * 2 * pauseMilliseconds)
    await pick(nodes, random)?.kill(random)
  },
  'the broker is killed': ({ world }) => killAndStart(world.nats),
  'the database is killed': ({ world }) => killAndStart(world.mongo),
  async 'the broker loses what it took last'({ world: { nats }, random }) {
    const copy = `${nats.folder}.before`
    await nats.kill()
    await cp(nats.folder, copy, { recursive: true })
    await nats.start()
    await setTimeout(500 + random() * 1_000)
    await nats.kill()
    await rm(nats.folder, { recursive: true })
    await cp(copy, nats.folder, { recursive: true })
    await rm(copy, { recursive: true })
    await nats.start()
  },
  async 'connections are dropped'({ world, random }) {
    await during(world, random, 2_000, (proxy) => proxy.cut())
  },
  async 'connections fall silent'({ world, random }) {
    await during(world, random, 4_000, (proxy) => proxy.cut('silent'))
  },
  async 'one direction of the connections falls silent'({ world, random }) {
    const direction = random() < 0.5 ? 'toTarget' : 'toClient'
    await during(world, random, 4_000, (proxy) => proxy.halfClose(direction))
  },
  async 'the network is slow'({ world, random }) {
    await during(world, random, 2_000, (proxy) => proxy.delay(50 + random() * 250))
  },
  async 'a service is told to stop'({ nodes, random, pauseMilliseconds }) {
    const processes = pick(nodes, random)?.cluster.processes ?? []
    pick(processes, random)?.signal('SIGTERM')
    await setTimeout(random() * 2 * pauseMilliseconds)
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

export interface FaultPlan {
  /** How often each fault comes; the order is by chance. */
  readonly counts: Partial<Record<FaultName, number>>
  readonly seed: number
  readonly pauseMilliseconds?: number
  readonly onFault?: (name: FaultName, left: number) => void
}

/**
 * Lets things go wrong while rounds are lived through, until the plan is done. Between rounds the clock jumps forth and
 * back: not while one is lived through, as its announcement tells the time.
 */
export class ClusterFaults implements Disturbance<ClusterNode> {
  readonly #world: ClusterWorld
  readonly #plan: FaultPlan
  readonly #random: Random
  readonly #left: FaultName[]

  constructor(world: ClusterWorld, plan: FaultPlan) {
    this.#world = world
    this.#plan = plan
    this.#random = new Random(plan.seed)
    const all = Object.entries(plan.counts) as [FaultName, number][]
    this.#left = this.#random.shuffled(all.flatMap(([name, count]) => Array.from({ length: count }, () => name)))
  }

  enough(): boolean {
    return this.#left.length === 0
  }

  async before(): Promise<void> {
    const { clock } = this.#world
    // By less than to the end of the interval: nothing is due sooner.
    const jump = Math.floor((this.#random.next() - 0.5) * 2 * longestJumpSeconds)
    await clock.forward(jump)
    await setTimeout(lookMilliseconds)
    await clock.forward(-jump)
  }

  async during<T>(nodes: readonly ClusterNode[], work: Promise<T>): Promise<T> {
    const done = new AbortController()
    const disturbing = this.#disturb(nodes, done.signal)
    try {
      return await work
    } finally {
      done.abort()
      await disturbing
    }
  }

  async #disturb(nodes: readonly ClusterNode[], signal: AbortSignal): Promise<void> {
    const random = (): number => this.#random.next()
    const { pauseMilliseconds = 200 } = this.#plan
    do {
      const name = this.#left.pop()
      if (name === undefined) return
      this.#plan.onFault?.(name, this.#left.length)
      await faults[name]({ world: this.#world, nodes, random, pauseMilliseconds })
    } while (!signal.aborted)
  }
}

async function killAndStart(server: LocalServer): Promise<void> {
  await server.kill()
  await server.start()
}

/** Something is wrong with the way to one of the servers, or to both, for a while. */
async function during(
  { natsProxy, mongoProxy }: ClusterWorld,
  random: () => number,
  longestMilliseconds: number,
  begin: (proxy: FaultProxy) => Promise<void> | void,
): Promise<void> {
  const chosen = pick([[natsProxy], [mongoProxy], [natsProxy, mongoProxy]], random) ?? []
  for (const proxy of chosen) await begin(proxy)
  await setTimeout(random() * longestMilliseconds)
  for (const proxy of chosen) await proxy.heal()
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)]
}
