import type { CommunityCommand, CommunityEventName } from '@annals/community'
import type { EventBus } from '@annals/events'
import type { CommunityDocument, StateStore, Versioned } from '@annals/storage'
import { communityEventNames, decideCommunity, evolveCommunity, initialCommunity } from '@annals/community'
import { VersionConflictError, communities } from '@annals/storage'
import { lastOf, projectCommunity } from './project-community.ts'
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
        // The log that the row was made of is lost.
        if (now === undefined) {
          await rows.delete(communityId, row?.version ?? 0)
          return undefined
        }
        return (await rows.put(communityId, now, row?.version ?? 0)).value
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
   * Decides a command on the community as it is now, publishes what follows and answers what it became. Of commands of
   * one kind that race one wins, since they are decided on the same state: whoever must know compares the answer with
   * what it asked for, and decides anew on that.
   * @throws the rule errors of `decideCommunity`
   */
  async execute(communityId: string, command: CommunityCommand, source: string): Promise<CommunityDocument> {
    const before = (await this.get(communityId)) ?? initialCommunity(communityId)
    await publishAll(this.#bus, communityId, decideCommunity(before, command), source)
    return (await this.get(communityId)) ?? before
  }

  async #evolveFrom(
    communityId: string,
    row: Versioned<CommunityDocument> | undefined,
  ): Promise<CommunityDocument | undefined> {
    const before = row?.value
    const { state } = await projectCommunity<CommunityDocument | undefined, CommunityEventName>(
      this.#bus,
      {
        communityId,
        names: communityEventNames,
        initial: undefined,
        evolve: (community, event) => ({
          ...evolveCommunity(community ?? initialCommunity(communityId), event),
          lastSequence: event.sequence,
          lastEventId: event.id,
        }),
      },
      { state: before, last: lastOf(before?.lastSequence, before?.lastEventId) },
    )
    return state
  }
}
