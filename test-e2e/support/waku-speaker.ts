import { MessageNotStoredError } from './waku-chat.ts'
import { lineOf, sayIn } from './waku-rounds.ts'
import type { Line } from './waku-rounds.ts'
import type { WakuWorld } from './waku-world.ts'

/** Says one thing after the other in a community's channels, whatever is away. */
export class WakuSpeaker {
  /** What a store has. */
  readonly said: Line[] = []
  /** What perhaps no node heard. */
  readonly doubtful: string[] = []
  /** Of what was said. */
  readonly hashes = new Set<string>()
  readonly #world: WakuWorld
  readonly #communityId: string
  readonly #channelIds: readonly string[]
  #count = 0

  constructor(world: WakuWorld, communityId: string, channelIds: readonly string[]) {
    this.#world = world
    this.#communityId = communityId
    this.#channelIds = channelIds
  }

  async speak(messages: number): Promise<void> {
    for (let left = messages; left > 0; left -= 1) {
      this.#count += 1
      const channelId = this.#channelIds[this.#count % this.#channelIds.length] ?? ''
      const text = `message ${this.#count} in ${channelId}`
      try {
        const sent = await sayIn(this.#world, this.#communityId, channelId, text)
        this.hashes.add(sent.hash)
        this.said.push(lineOf(sent))
      } catch (error) {
        if (!(error instanceof MessageNotStoredError)) throw error
        this.doubtful.push(lineOf({ hash: error.hash, text }))
      }
    }
  }
}
