import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { scheduleEventNames } from '@annals/community'
import { UndecodableEventError } from '@annals/events'
import type { SchedulerContext } from './scheduler-context.ts'

export type ScheduleStoredEvent = StoredEvent<ScheduleEventName>

export type ReadableLog = Pick<SchedulerContext['bus'], 'read' | 'lastSequence'>

/** Events of some communities, as the reading goes on. */
export interface Watch extends Disposable {
  of(communityId: string): readonly ScheduleStoredEvent[]
}

/** About 200 bytes each. Communities beyond that are read one by one. */
const mostCommunities = 500_000

/**
 * An unbroken reading of the log's end. It knows where the last event of a community stands if that has come by, or if
 * somebody told who had read all events of that community.
 */
export class LogReading {
  /** Everything up to it was read, or was there before the reading began. */
  #position: number | undefined
  readonly #last = new Map<string, number>()
  readonly #watched = new Set<ReadonlyMap<string, ScheduleStoredEvent[]>>()

  /** Takes in what came. False where it cannot go on: the log was set back, or holds an event that cannot be read. */
  async readOn(log: ReadableLog): Promise<boolean> {
    const end = await log.lastSequence()
    this.#position ??= end
    if (end <= this.#position) return end === this.#position
    try {
      for await (const event of log.read({ after: this.#position, names: scheduleEventNames }))
        this.#take(event as ScheduleStoredEvent)
    } catch (error) {
      // Its community fails when it is read by itself; the others must not.
      if (error instanceof UndecodableEventError) return false
      throw error
    }
    // Behind the last event there may be some of other names.
    this.#position = Math.max(this.#position, end)
    return true
  }

  #take(event: ScheduleStoredEvent): void {
    this.#position = event.sequence
    this.#setLast(event.communityId, event.sequence)
    for (const watched of this.#watched) watched.get(event.communityId)?.push(event)
  }

  /** Where the last event of a community stands that schedules are made of; `undefined` where that is not known. */
  lastOf(communityId: string): number | undefined {
    return this.#last.get(communityId)
  }

  /** Says where the last event of a community stands, by somebody who began to read all of them after this reading began. */
  tell(communityId: string, sequence: number): void {
    // One that came later may have come by already.
    if (this.#position !== undefined) this.#setLast(communityId, Math.max(sequence, this.lastOf(communityId) ?? 0))
  }

  #setLast(communityId: string, sequence: number): void {
    if (this.#last.size < mostCommunities || this.#last.has(communityId)) this.#last.set(communityId, sequence)
  }

  /** Collects the events of some communities that come by from now on. */
  watch(communityIds: readonly string[]): Watch {
    const watched = new Map(communityIds.map((id): [string, ScheduleStoredEvent[]] => [id, []]))
    this.#watched.add(watched)
    return {
      of: (communityId) => watched.get(communityId) ?? [],
      [Symbol.dispose]: () => void this.#watched.delete(watched),
    }
  }
}
