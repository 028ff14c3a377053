import { setTimeout } from 'node:timers/promises'
import type { KeptProcess } from '@annals/annals'
import type { StateStore } from '@annals/storage'
import { seedings } from '@annals/storage'
import { askForPiece } from './ask-for-piece.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { ClusterWorld } from './cluster-world.ts'

/** Between two looks; what is not answered is asked again as soon. */
const pauseMilliseconds = 20

/** A torrent that the installation says it seeds, and for which no seeder gave a piece. */
export interface Unanswered {
  readonly infoHash: string
  /** Unix milliseconds of the question's begin and end. */
  readonly from: number
  readonly to: number
}

/** Asks every seeder of a node for a piece of every torrent that the node says it seeds, from outside, all the time. */
export class SeedingWatch implements AsyncDisposable {
  readonly unanswered: Unanswered[] = []
  questions = 0
  readonly #seeders: readonly KeptProcess[]
  readonly #state: StateStore
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  readonly #lastAnswers = new Map<string, number>()
  #longestGapMilliseconds = 0

  private constructor(seeders: readonly KeptProcess[], state: StateStore) {
    this.#seeders = seeders
    this.#state = state
    this.#loop = this.#run()
  }

  static async begin(world: ClusterWorld, node: ClusterNode): Promise<SeedingWatch> {
    return new SeedingWatch(node.cluster.of('seeder'), await world.openState(node))
  }

  /** The longest time between two answers for a torrent between which there was none. */
  get longestGapMilliseconds(): number {
    return this.#longestGapMilliseconds
  }

  /** What is seeded now, by community id. */
  async torrents(): Promise<Map<string, string>> {
    const torrents = new Map<string, string>()
    for await (const { id, value } of this.#state.collection(seedings).list())
      if (value.current !== undefined) torrents.set(id, value.current.infoHash)
    return torrents
  }

  /** Which torrents of before, that are still what is seeded, a seeder that is at work does not give a piece of. */
  async missingAt(seeder: KeptProcess, before: ReadonlyMap<string, string>): Promise<string[]> {
    const asked = await Promise.all(
      [...before].map(async ([communityId, infoHash]) => {
        return { communityId, infoHash, answered: await ask(seeder, infoHash) }
      }),
    )
    const now = await this.torrents()
    return asked
      .filter(({ communityId, infoHash, answered }) => !answered && now.get(communityId) === infoHash)
      .map(({ infoHash }) => infoHash)
  }

  /** Waits until every torrent was answered for after this was called. */
  async untilAnswered(): Promise<void> {
    const from = Date.now()
    const isAnswered = (infoHash: string): boolean => (this.#lastAnswers.get(infoHash) ?? 0) > from
    while (![...(await this.torrents()).values()].every(isAnswered)) await setTimeout(pauseMilliseconds)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.#state[Symbol.asyncDispose]()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look()
      await setTimeout(pauseMilliseconds)
    }
  }

  async #look(): Promise<void> {
    const torrents = await this.torrents()
    await Promise.all([...torrents].map(([communityId, infoHash]) => this.#ask(communityId, infoHash)))
  }

  async #ask(communityId: string, infoHash: string): Promise<void> {
    const from = Date.now()
    // All at once: while one after the other is asked, one of them may come and the other one go.
    const answers = await Promise.all(this.#seeders.map((seeder) => ask(seeder, infoHash)))
    const to = Date.now()
    this.questions += 1
    if (answers.includes(true)) {
      const last = this.#lastAnswers.get(infoHash)
      const wasSilent = this.unanswered.some((each) => each.infoHash === infoHash && each.from >= (last ?? to))
      if (last !== undefined && wasSilent)
        this.#longestGapMilliseconds = Math.max(this.#longestGapMilliseconds, from - last)
      this.#lastAnswers.set(infoHash, to)
      return
    }
    // What has taken its place meanwhile is seeded.
    if ((await this.torrents()).get(communityId) === infoHash) this.unanswered.push({ infoHash, from, to })
  }
}

/** One that is not at work, or no more, does not answer. */
async function ask(seeder: KeptProcess, infoHash: string): Promise<boolean> {
  const ready = await Promise.race([seeder.atWork(), Promise.resolve(undefined)])
  return ready?.torrents !== undefined && (await askForPiece({ ...ready.torrents, infoHash }))
}
