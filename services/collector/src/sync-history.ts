import type { Delivery, StoredEvent } from '@annals/events'
import type { StoreSync } from '@annals/proto/events/v1'
import type { ServiceContext } from '@annals/service'
import type { CommunityDocument } from '@annals/storage'
import { chatId, contentTopic } from '@annals/crypto'
import { eventId } from '@annals/events'
import { askStores, forgetSync } from './history/ask-stores.ts'
import { noteFindings } from './history/note-findings.ts'

/**
 * Answers a requested sync with the age of what is held in the community's chats, where store nodes are known after they were
 * asked for what is missing, and then with what came of that.
 * @throws RetryLaterError while no store answers and there is still time
 */
export async function syncHistory(
  context: ServiceContext,
  request: StoredEvent<'HistorySyncRequested'>,
  delivery: Delivery,
): Promise<void> {
  const { id, communityId, payload } = request
  const { since, until } = payload
  const community = await context.registry.get(communityId)
  if (community === undefined) return
  const storeSync = await askNetwork(context, community, request, delivery)
  const topics = community.chats.map((chat) => contentTopic(chatId(communityId, chat.channelId)))
  const { oldest, newest } = await context.messages.span(communityId, topics)
  await context.bus.publish(
    {
      // One answer a request: what tells the request from others tells the answer from others.
      id: eventId('HistorySynced', communityId, id.slice(id.lastIndexOf('/') + 1)),
      name: 'HistorySynced',
      communityId,
      payload: { since, until, oldestMessage: oldest, newestMessage: newest, storeSync },
    },
    { source: 'collector' },
  )
  if (storeSync !== undefined) await noteFindings(context, communityId, until, storeSync)
  if (context.waku !== undefined) await forgetSync(context, id)
}

async function askNetwork(
  context: ServiceContext,
  community: CommunityDocument,
  request: StoredEvent<'HistorySyncRequested'>,
  delivery: Delivery,
): Promise<StoreSync | undefined> {
  const { waku, config } = context
  if (waku === undefined || !community.joined || community.chats.length === 0) return undefined
  // A store that is silent is waited for longer than the bus waits for a sign of life.
  const timer = setInterval(() => delivery.working(), (config.takeOverSeconds * 1000) / 3)
  try {
    return await askStores(context, waku, community, request, delivery)
  } finally {
    clearInterval(timer)
  }
}
