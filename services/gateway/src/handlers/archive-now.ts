import type { ArchiveNowRequest, ArchiveNowResponse } from '@annals/proto/api/v1'
import { AlreadyLeftError } from '@annals/community'
import { chatId, contentTopic } from '@annals/crypto'
import { eventId } from '@annals/events'
import { projectSchedule } from '@annals/service'
import { schedules } from '@annals/storage'
import { controlledCommunity } from '../check-request.ts'
import { ArchiveUnderWayError, ArchivingOffError, NoChatsError, NothingToArchiveError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'

/**
 * Publishes the wish; the scheduler takes it in like any event, and declares the range due by its rules. Two wishes that are
 * decided on the same state are one event.
 */
export async function archiveNow(context: CallContext, request: ArchiveNowRequest): Promise<ArchiveNowResponse> {
  const { bus, clock, config, messages, state } = context
  const { communityId, joined, archivingOn, chats } = await controlledCommunity(context, request.communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (!archivingOn) throw new ArchivingOffError(communityId)
  if (chats.length === 0) throw new NoChatsError(communityId)
  // As the log has it now; the row itself is the scheduler's.
  const row = (await state.collection(schedules).get(communityId))?.value
  const schedule = (await projectSchedule(bus, communityId, row)).state
  const until = clock.nowSeconds()
  const { pending, requestedEnd = 0 } = schedule
  if (pending !== undefined) throw new ArchiveUnderWayError(communityId, pending)
  const from = schedule.lastArchivedEnd ?? schedule.oldestMessage
  const asksStoresFirst = config.wakuStores.length > 0
  // Somebody wished for it already, and it is not done yet.
  if (requestedEnd > (from ?? 0)) return { from, until: requestedEnd, asksStoresFirst }
  const hasNothing = !asksStoresFirst && (await messages.pendingCount(communityId, topicsOf(communityId, chats))) === 0
  if (hasNothing || (from !== undefined && from >= until)) throw new NothingToArchiveError(communityId)
  await bus.publish(
    {
      id: eventId('ArchiveRequested', communityId, schedule.lastSequence),
      name: 'ArchiveRequested',
      communityId,
      payload: { until },
    },
    { source: 'gateway' },
  )
  return { from, until, asksStoresFirst }
}

function topicsOf(communityId: string, chats: readonly { readonly channelId: string }[]): Uint8Array[] {
  return chats.map(({ channelId }) => contentTopic(chatId(communityId, channelId)))
}
