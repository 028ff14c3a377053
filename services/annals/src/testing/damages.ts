import type { CollectionDefinition, StateStore } from '@annals/storage'
import { catalogues, communities, dispatches, downloads, schedules, seedings } from '@annals/storage'

/** Something wrong with one row of a node's state. */
export interface Damage {
  readonly collection: string
  /** The end of the name under which it is to be found. */
  readonly field: string
  readonly node: 'control' | 'member'
  readonly apply: (state: StateStore, communityId: string) => Promise<void>
}

/** Long after anything that happened, Unix seconds. */
const later = 4_000_000_000

function damage<T>(
  definition: CollectionDefinition<T>,
  node: Damage['node'],
  field: string,
  changed: (value: T) => T | undefined,
): Damage {
  return {
    collection: definition.name,
    field,
    node,
    async apply(state, communityId) {
      const rows = state.collection(definition)
      const row = await rows.get(communityId)
      if (row === undefined) throw new Error(`there is no row of ${definition.name} to damage`)
      const value = changed(row.value)
      if (value === undefined) await rows.delete(row.id, row.version)
      else await rows.put(row.id, value, row.version)
    },
  }
}

const lost = (): undefined => undefined

/** Each kind of damage to each collection of which the log tells something. */
export const damages: readonly Damage[] = [
  damage(communities, 'control', 'row', lost),
  damage(communities, 'control', 'name', (row) => ({ ...row, name: 'another' })),
  damage(communities, 'control', 'chats', (row) => ({ ...row, chats: [] })),
  damage(communities, 'member', 'archivingOn', (row) => ({ ...row, archivingOn: false })),
  damage(communities, 'member', 'lastSequence', (row) => ({ ...row, lastSequence: row.lastSequence + 100 })),
  damage(schedules, 'control', 'row', lost),
  damage(schedules, 'control', 'lastArchivedEnd', (row) => ({
    ...row,
    schedule: { ...row.schedule, lastArchivedEnd: 1 },
  })),
  damage(schedules, 'control', 'dueAt', (row) => ({ ...row, dueAt: undefined })),
  damage(catalogues, 'control', 'row', lost),
  damage(catalogues, 'control', 'generation', (row) => ({ ...row, generation: 7 })),
  damage(catalogues, 'control', 'count', (row) => ({ ...row, archives: row.archives.slice(1) })),
  damage(catalogues, 'member', 'count', (row) => ({ ...row, archives: row.archives.slice(1) })),
  damage(catalogues, 'member', 'infoHash', (row) => ({
    ...row,
    torrent: row.torrent && { ...row.torrent, infoHash: 'a'.repeat(40) },
  })),
  damage(catalogues, 'member', 'offsetBytes', (row) => ({
    ...row,
    archives: row.archives.map((archive) => ({ ...archive, offsetBytes: archive.offsetBytes + 1 })),
  })),
  damage(catalogues, 'control', 'messages', (row) => ({
    ...row,
    archives: row.archives.map((archive) => ({ ...archive, messages: archive.messages + 1 })),
  })),
  damage(catalogues, 'member', 'lastArchivedEnd', (row) => ({ ...row, lastArchivedEnd: later })),
  damage(seedings, 'control', 'row', lost),
  damage(seedings, 'control', 'starts', (row) => ({ ...row, starts: 1 })),
  damage(seedings, 'member', 'current', ({ starts }) => ({ starts })),
  damage(dispatches, 'control', 'row', lost),
  damage(dispatches, 'control', 'infoHash', (row) => ({ ...row, infoHash: 'a'.repeat(40) })),
  damage(dispatches, 'control', 'clockMilliseconds', (row) => ({ ...row, clockMilliseconds: 1 })),
  damage(downloads, 'member', 'row', lost),
  damage(downloads, 'member', 'done', ({ tries }) => ({ tries })),
  damage(downloads, 'member', 'magnetLink', (row) => ({ ...row, done: row.done && { ...row.done, magnetLink: 'x' } })),
  damage(downloads, 'member', 'wanted', (row) => ({
    ...row,
    wanted: row.done && { ...row.done, clockMilliseconds: later * 1000 },
  })),
]
