import type { CommunityCommand, CommunityEventName } from '@annals/community'
import type { EventBus, StoredEvent } from '@annals/events'
import type { CommunityDocument, StateStore, Versioned } from '@annals/storage'
import { communityEventNames, decideCommunity, evolveCommunity, initialCommunity } from '@annals/community'
import { VersionConflictError, communities } from '@annals/storage'
import { publishAll } from './publish-all.ts'

/**
 * What the installation knows of its communities: a projection of the log. Whoever asks brings the row up to date
 * first, so an answer never lags behind an event that was published before the question.
 */
export class CommunityRegistry {
  readonly #bus: EventBus
  readonly #state: StateStore

  constructor(bus: EventBus, state: StateStore) {
    this.#bus = bus
    this.#state = state
  }

  /** The community as the log has it now. `undefined` if it was never added. */
  async get(communityId: string): Promise<CommunityDocument | undefined> {
    const rows = this.#state.collection(communities)
    for (;;) {
      const row = await rows.get(communityId)
      const now = await this.#evolveFrom(communityId, row)
      if (now === row?.value) return now
      try {
        return (await rows.put(communityId, now as CommunityDocument, row?.version ?? 0)).value
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error
      }
    }
  }

  /**
   * All communities, by id, as their rows have them. One whose adding is in the log and not in its row yet is missing:
   * whoever must not miss it takes in `CommunityAdded` as well.
   */
  async *list(): AsyncIterable<CommunityDocument> {
    for await (const row of this.#state.collection(communities).list()) yield row.value
  }

  /**
   * Decides a command on the community as it is now, publishes what follows and answers what it became. Of commands
   * that race one wins; the others are decided again on what it made of the community.
   * @throws the rule errors of `decideCommunity`
   */
  async execute(communityId: string, command: CommunityCommand, source: string): Promise<CommunityDocument> {
    for (;;) {
      const before = (await this.get(communityId)) ?? initialCommunity(communityId)
      const { raced } = await publishAll(this.#bus, communityId, decideCommunity(before, command), source)
      if (!raced) return (await this.get(communityId)) ?? before
    }
  }

  async #evolveFrom(
    communityId: string,
    row: Versioned<CommunityDocument> | undefined,
  ): Promise<CommunityDocument | undefined> {
    let community = row?.value
    const after = row?.value.lastSequence ?? 0
    for await (const event of this.#bus.read({ after, communityId, names: communityEventNames })) {
      community = {
        ...evolveCommunity(community ?? initialCommunity(communityId), event as StoredEvent<CommunityEventName>),
        lastSequence: event.sequence,
      }
    }
    return community
  }
}
