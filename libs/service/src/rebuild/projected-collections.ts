import { communityForm, scheduleForm } from '@annals/community'
import type { CollectionDefinition, StateStore, Versioned } from '@annals/storage'
import { catalogues, communities, dispatches, downloads, schedules, seedings } from '@annals/storage'
import type { WorkInHand } from './catalogues.ts'
import { compareCatalogue } from './catalogues.ts'
import { compareCommunity } from './communities.ts'
import type { Comparison } from './comparison.ts'
import { compareDispatch } from './dispatches.ts'
import { compareDownload } from './downloads.ts'
import type { RebuiltCommunity } from './rebuilt-community.ts'
import { compareSchedule, rebuildSchedule } from './schedules.ts'
import { compareSeeding } from './seedings.ts'

/** A row as it is stored, whatever is in it. */
export type RawRow = Versioned<unknown>

/** A collection of which the log tells something. */
export interface ProjectedCollection {
  readonly name: string
  /** The rows as they are stored: those that nobody could read are to be found as well. */
  readonly stored: CollectionDefinition<unknown>
  compare(log: RebuiltCommunity, row: RawRow | undefined, inHand?: WorkInHand): Comparison
  /**
   * Writes the row as the log has it, where the log says all of it and knows the community at all.
   * @returns false where it cannot
   * @throws VersionConflictError if somebody wrote the row since it was read
   */
  rewrite(state: StateStore, communityId: string, log: RebuiltCommunity, row: RawRow | undefined): Promise<boolean>
}

function projected<T>(
  definition: CollectionDefinition<T>,
  compare: (log: RebuiltCommunity, row: T | undefined, inHand?: WorkInHand) => Comparison,
  rebuild: (log: RebuiltCommunity, row: T | undefined) => T | undefined = () => undefined,
): ProjectedCollection {
  const read = (row: RawRow | undefined): { value: T | undefined } | { error: string } => {
    try {
      return { value: row && definition.parse(row.value) }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }
  return {
    name: definition.name,
    stored: { name: definition.name, parse: (value) => value },
    compare(log, row, inHand) {
      const parsed = read(row)
      if ('value' in parsed) return compare(log, parsed.value, inHand)
      const there = `what nobody can read: ${parsed.error}`
      return { kind: 'different', fields: [{ field: 'row', log: `one of the form of ${definition.name}`, there }] }
    },
    async rewrite(state, communityId, log, row) {
      const parsed = read(row)
      const rebuilt = rebuild(log, 'value' in parsed ? parsed.value : undefined)
      if (rebuilt === undefined) return false
      await state.collection(definition).put(communityId, rebuilt, row?.version ?? 0)
      return true
    },
  }
}

/** Every collection of which the log tells something. The first two it tells whole. */
export const projectedCollections: readonly ProjectedCollection[] = [
  projected(
    communities,
    ({ community }, row) => compareCommunity(community, row),
    ({ community, lastEventIds }) =>
      community.lastSequence === 0
        ? undefined
        : { ...community, chats: [...community.chats], lastEventId: lastEventIds.community, form: communityForm },
  ),
  projected(
    schedules,
    ({ schedule }, row) => compareSchedule(schedule, row),
    ({ schedule, lastEventIds }, row) =>
      schedule.lastSequence === 0
        ? undefined
        : { ...rebuildSchedule(schedule, row), lastEventId: lastEventIds.schedule, form: scheduleForm },
  ),
  projected(catalogues, ({ catalogue }, row, inHand) => compareCatalogue(catalogue, row, inHand)),
  projected(seedings, ({ seeding }, row) => compareSeeding(seeding, row)),
  projected(dispatches, ({ dispatch }, row) => compareDispatch(dispatch, row)),
  projected(downloads, ({ download }, row) => compareDownload(download, row)),
]
