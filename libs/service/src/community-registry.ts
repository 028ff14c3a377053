import type { CommunityCommand, CommunityEventName } from '@annals/community'
import type { EventBus } from '@annals/events'
import type { CommunityDocument, StateStore, Versioned } from '@annals/storage'
import type { Logger } from 'pino'
import {
  communityEventNames,
  communityForm,
  decideCommunity,
  evolveCommunity,
  initialCommunity,
  nextCommand,
} from '@annals/community'
import { VersionConflictError, communities } from '@annals/storage'
import type { Projected } from './project-community.ts'
import { lastOf, projectCommunity } from './project-community.ts'
import { publishAll } from './publish-all.ts'

/** For so long a command's effect is looked at again when the bus is back after it was away. */
const recentMilliseconds = 10 * 60_000

/**
 * What the installation knows of its communities: a projection of the log. Whoever asks brings the row up to date
 * first, so an answer never lags behind an event that was published before the question.
 *
 * Commands come from outside, and nobody gives them again. An engine that died may have lost the events of the last ones,
 * but a command is acknowledged only when the row has it as well: what the row has and the log has lost is published
 * again.
 */
export class CommunityRegistry {
  readonly #bus: EventBus
  readonly #state: StateStore
  readonly #log: Logger
  /** When a command was executed here, by community. */
  readonly #executed = new Map<string, number>()

  constructor(bus: EventBus, state: StateStore, log: Logger) {
    this.#bus = bus
    this.#state = state
    this.#log = log
    bus.onReconnect(() => void this.#lookAgain())
  }

  /** The community as the log has it now. `undefined` if it was never added. */
  async get(communityId: string): Promise<CommunityDocument | undefined> {
    const rows = this.#state.collection(communities)
    for (;;) {
      const row = await rows.get(communityId)
      const { state: now, isAnew = false } = await this.#evolveFrom(communityId, row)
      if (now === row?.value) return now
      if ((isAnew || now === undefined) && row !== undefined && (await this.#bringBack(now, row.value))) continue
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
    this.#executed.delete(communityId)
    this.#executed.set(communityId, Date.now())
    await publishAll(this.#bus, communityId, decideCommunity(before, command), source)
    return (await this.get(communityId)) ?? before
  }

  /** Publishes the first thing that the log has lost and the row knows. False where there is none. */
  async #bringBack(now: CommunityDocument | undefined, row: CommunityDocument): Promise<boolean> {
    const { communityId } = row
    const community = now ?? initialCommunity(communityId)
    const command = nextCommand(community, row)
    if (command === undefined) return false
    this.#log.warn({ communityId, command: command.type }, 'the log has lost a command; it is executed again')
    await publishAll(this.#bus, communityId, decideCommunity(community, command), 'registry')
    return true
  }

  /** Nobody else may ask for a community of which the log has lost all. */
  async #lookAgain(): Promise<void> {
    const since = Date.now() - recentMilliseconds
    for (const [communityId, at] of this.#executed) {
      if (at < since) this.#executed.delete(communityId)
      else await this.#lookAgainAt(communityId)
    }
  }

  async #lookAgainAt(communityId: string): Promise<void> {
    try {
      await this.get(communityId)
    } catch (error) {
      this.#log.warn({ err: error, communityId }, 'a community could not be looked at again after the bus was away')
    }
  }

  async #evolveFrom(
    communityId: string,
    row: Versioned<CommunityDocument> | undefined,
  ): Promise<Projected<CommunityDocument | undefined>> {
    // A row of another version's form is made anew: what one of the two does not take in the other may not pass over.
    const before = (row?.value.form ?? 1) === communityForm ? row?.value : undefined
    return projectCommunity<CommunityDocument | undefined, CommunityEventName>(
      this.#bus,
      {
        communityId,
        names: communityEventNames,
        initial: undefined,
        evolve: (community, event) => ({
          ...evolveCommunity(community ?? initialCommunity(communityId), event),
          lastSequence: event.sequence,
          lastEventId: event.id,
          form: communityForm,
        }),
      },
      { state: before, last: lastOf(before?.lastSequence, before?.lastEventId) },
    )
  }
}
