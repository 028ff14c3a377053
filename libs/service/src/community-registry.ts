import type { CommunityDocument, StateStore } from '@annals/storage'
import { communities } from '@annals/storage'
import type { EventBus } from '@annals/events'

/** What the installation knows of its communities: a projection of the log that any service may bring up to date. */
export class CommunityRegistry {
  readonly #bus: EventBus
  readonly #state: StateStore

  constructor(bus: EventBus, state: StateStore) {
    this.#bus = bus
    this.#state = state
  }

  /** The community as the log has it now. `undefined` if it was never added. */
  async get(_communityId: string): Promise<CommunityDocument | undefined> {
    throw new Error('written next')
  }

  /** All communities, by id. */
  async *list(): AsyncIterable<CommunityDocument> {
    for await (const row of this.#state.collection(communities).list()) yield row.value
    void this.#bus
  }
}
