import type { TakeAnnouncementRequest, TakeAnnouncementResponse } from '@annals/proto/api/v1'
import { takeAnnouncement } from '@annals/service'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

/** A fetcher at work on something else notices that its claim is gone, stops, and takes up what counts. */
export async function handOverAnnouncement(
  context: CallContext,
  { communityId, message }: TakeAnnouncementRequest,
): Promise<TakeAnnouncementResponse> {
  await knownCommunity(context, communityId)
  const outcome = await takeAnnouncement(context, communityId, { payload: message }, 'gateway')
  switch (outcome.kind) {
    case 'taken':
      return { takenInfoHash: outcome.infoHash }
    case 'known':
      return { knownInfoHash: outcome.infoHash }
    case 'other-message':
      return { refusedReason: outcome.kind }
    case 'refused':
      return { refusedReason: outcome.reason }
    default:
      return outcome satisfies never
  }
}
