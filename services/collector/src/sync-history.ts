import type { StoredEvent } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import { chatId, contentTopic } from '@annals/crypto'
import { eventId } from '@annals/events'

/** Answers a requested sync with the age of what is held in the community's chats. */
export async function syncHistory(
  context: ServiceContext,
  { id, communityId, payload: { since, until } }: StoredEvent<'HistorySyncRequested'>,
): Promise<void> {
  const community = await context.registry.get(communityId)
  if (community === undefined) return
  const topics = community.chats.map((chat) => contentTopic(chatId(communityId, chat.channelId)))
  const { oldest, newest } = await context.messages.span(communityId, topics)
  await context.bus.publish(
    {
      // One answer a request: what tells the request from others tells the answer from others.
      id: eventId('HistorySynced', communityId, id.slice(id.lastIndexOf('/') + 1)),
      name: 'HistorySynced',
      communityId,
      payload: { since, until, oldestMessage: oldest, newestMessage: newest },
    },
    { source: 'collector' },
  )
}
