import type { FetchRequest, FetchResponse } from '@annals/proto/api/v1'
import { decodeMagnetLink } from '@annals/archive'
import { AlreadyLeftError } from '@annals/community'
import { systemClock } from '@annals/service'
import { downloads, updateDocument } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import { ArchivingOffError, OwnCommunityError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'

/**
 * Puts a magnet link where the fetcher looks for what is wanted, as if it had been announced. The clock is the newest one
 * that this node has seen, so that every later announcement still counts; no event says that anything was announced. A
 * fetcher at work on something else notices that its claim is gone, stops, and takes this up.
 */
export async function fetchArchives(context: CallContext, request: FetchRequest): Promise<FetchResponse> {
  const { communityId, controlNode, joined, archivingOn } = await knownCommunity(context, request.communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (controlNode) throw new OwnCommunityError(communityId)
  if (!archivingOn) throw new ArchivingOffError(communityId)
  const { magnetLink } = request
  const { infoHash } = decodeMagnetLink(magnetLink)
  let alreadyFetched = false
  await updateDocument(context.state.collection(downloads), communityId, (before = { tries: 0 }) => {
    alreadyFetched = before.wanted === undefined && before.done?.infoHash === infoHash
    if (alreadyFetched) return before
    const clockMilliseconds = Math.max(before.wanted?.clockMilliseconds ?? 0, before.done?.clockMilliseconds ?? 0)
    return {
      ...(before.done && { done: before.done }),
      wanted: { infoHash, magnetLink, clockMilliseconds },
      tries: 0,
      dueAt: systemClock.nowSeconds(),
    }
  })
  return { infoHash, alreadyFetched }
}
