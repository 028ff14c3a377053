import type { AnnounceAgainRequest, AnnounceAgainResponse } from '@annals/proto/api/v1'
import type { Dispatch } from '@annals/storage'
import { AlreadyLeftError } from '@annals/community'
import { systemClock } from '@annals/service'
import { catalogues, dispatches, seedings, updateDocument } from '@annals/storage'
import { controlledCommunity } from '../check-request.ts'
import {
  ArchivingOffError,
  NotSeededError,
  NothingAnnouncedError,
  NothingToSeedError,
  SignatureAwaitedError,
} from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'

/**
 * Lets the announcement's time to be repeated be now: a dispatcher takes it up within seconds, under a newer clock. One that is on
 * its way out already goes out once more.
 */
export async function announceAgain(
  context: CallContext,
  request: AnnounceAgainRequest,
): Promise<AnnounceAgainResponse> {
  const { communityId, joined, archivingOn } = await controlledCommunity(context, request.communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (!archivingOn) throw new ArchivingOffError(communityId)
  const torrent = (await context.state.collection(catalogues).get(communityId))?.value.torrent
  if (torrent === undefined) throw new NothingToSeedError(communityId)
  const seeded = (await context.state.collection(seedings).get(communityId))?.value.current
  if (seeded?.infoHash !== torrent.infoHash) throw new NotSeededError(communityId)
  await updateDocument(context.state.collection(dispatches), communityId, (row) => dueNow(communityId, row))
  return { infoHash: torrent.infoHash, magnetLink: torrent.magnetLink }
}

/** @throws NothingAnnouncedError, SignatureAwaitedError */
function dueNow(communityId: string, row: Dispatch | undefined): Dispatch {
  if (row === undefined) throw new NothingAnnouncedError(communityId)
  if (row.message === '') throw new SignatureAwaitedError(communityId)
  return { ...row, dueAt: systemClock.nowSeconds(), repeats: true }
}
