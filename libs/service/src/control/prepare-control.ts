import { encodeMagnetLink } from '@annals/archive'
import type { Catalogue, Dispatch } from '@annals/storage'
import { catalogues, dispatches, downloads, emptyCatalogue, updateDocument } from '@annals/storage'
import type { ServiceContext } from '../service.ts'
import { ControlRefusedError } from './control-errors.ts'
import { newestHeard } from './newest-heard.ts'

/** What the host before says of a community that moves here. */
export interface Moved {
  /** Of its newest torrent; empty where it had none. */
  readonly infoHash: string
  /** Of its last announcement; 0 for none. */
  readonly clockMilliseconds: number
  /** Unix seconds; absent where it had sealed nothing. */
  readonly lastArchivedEnd?: number | undefined
}

export interface PrepareOptions {
  readonly moved?: Moved | undefined
  /** Announcements that are newer than this installation knows of are its own: it was restored from a backup. */
  readonly restored: boolean
}

/** Numbers of each group key that are left out after a restore: more than were used since any backup. */
const skippedSequences = 1_000

/**
 * To be done before `TakeControl`: makes of what a member has fetched what a control node goes on from. The next announcement
 * gets a newer clock than any that is known. May be done again.
 * @returns what the command is to say
 * @throws ControlRefusedError
 */
export async function prepareControl(
  { state, config, keys }: Pick<ServiceContext, 'state' | 'config' | 'keys'>,
  communityId: string,
  { moved, restored }: PrepareOptions,
): Promise<{ readonly lastArchivedEnd?: number | undefined; readonly magnetLink: string }> {
  const refuse = (refusal: ControlRefusedError['refusal']): never => {
    throw new ControlRefusedError(communityId, refusal)
  }
  const download = (await state.collection(downloads).get(communityId))?.value
  if (download?.wanted !== undefined) refuse('download-under-way')
  const announced = (await state.collection(dispatches).get(communityId))?.value
  const heard = await newestHeard(state, communityId)
  if (!restored && heard > (moved?.clockMilliseconds ?? announced?.clockMilliseconds ?? heard))
    refuse('announced-elsewhere')
  const { value: catalogue } = await updateDocument(state.collection(catalogues), communityId, (before) => {
    if ((before?.fillers ?? []).length > 0) refuse(before?.indexWaits === true ? 'index-waits' : 'not-continuable')
    if (before?.indexWaits === true) refuse('index-waits')
    if (moved !== undefined && (before?.torrent?.infoHash ?? '') !== moved.infoHash) refuse('not-as-moved')
    return { ...(before ?? emptyCatalogue), ...continued(communityId, before, config.peers, moved), controlTaken: true }
  })
  const clockMilliseconds = Math.max(heard, moved?.clockMilliseconds ?? 0)
  if (clockMilliseconds > (announced?.clockMilliseconds ?? 0))
    await updateDocument<Dispatch>(state.collection(dispatches), communityId, (before) =>
      clockMilliseconds <= (before?.clockMilliseconds ?? 0) ? undefined : { ...unannounced, clockMilliseconds },
    )
  if (restored)
    for await (const { keyId } of keys.groups.list(communityId)) {
      const next = await keys.groups.nextSequence(communityId, keyId)
      await keys.groups.skipSequences(communityId, keyId, next + skippedSequences - 1)
    }
  return { lastArchivedEnd: catalogue.lastArchivedEnd, magnetLink: catalogue.torrent?.magnetLink ?? '' }
}

/** Whatever is announced next is another one, under a newer clock. */
const unannounced = { infoHash: '', magnetLink: '', message: '' }

/** The torrent is announced under a link with this installation's own peers, and the trackers that it is served under. */
function continued(
  communityId: string,
  before: Catalogue | undefined,
  peers: readonly string[],
  moved: Moved | undefined,
): Pick<Catalogue, 'torrent' | 'lastArchivedEnd'> {
  const ends = [before?.lastArchivedEnd, moved?.lastArchivedEnd].filter((end) => end !== undefined)
  const { torrent } = before ?? {}
  return {
    ...(ends.length > 0 && { lastArchivedEnd: Math.max(...ends) }),
    ...(torrent && { torrent: { ...torrent, magnetLink: encodeMagnetLink({ ...torrent, communityId, peers }) } }),
  }
}
