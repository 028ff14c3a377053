import type { StoreSync } from '@annals/proto/events/v1'
import type { Delivery, StoredEvent } from '@annals/events'
import type { ServiceContext, WakuNetwork } from '@annals/service'
import type { CommunityDocument, HistorySync } from '@annals/storage'
import { RetryLaterError } from '@annals/events'
import { historySyncs, updateDocument } from '@annals/storage'
import { InvalidStorePlaceError, StoresUnavailableError, queryStores } from '@annals/waku'
import type { StoresReading } from '@annals/waku'
import { ChatTopics } from '../messages/chat-topics.ts'
import { addRefusals, takeMessages } from '../messages/take-messages.ts'
import type { TakenMessages } from '../messages/take-messages.ts'
import { addReports } from './store-answers.ts'

const longestRetrySeconds = 30
const longestPatienceMilliseconds = 15_000

/**
 * Asks the store nodes for what a history sync wants, and keeps it. How far that came is written down with each page, and a
 * later try goes on from there.
 * @throws RetryLaterError while no store answers, up to the configured bound; from then on the answer says that it gave up
 */
export async function askStores(
  context: ServiceContext,
  waku: WakuNetwork,
  { communityId, chats }: CommunityDocument,
  { id, payload: { since, until } }: StoredEvent<'HistorySyncRequested'>,
  { signal }: Pick<Delivery, 'signal'>,
): Promise<StoreSync> {
  const { wakuStoreSeconds, wakuGiveUpSeconds } = context.config
  const rows = context.state.collection(historySyncs)
  const channels = chats.map(({ channelId }) => channelId)
  const topics = new ChatTopics(communityId, channels, waku.pubsubTopic)
  let sync = (await updateDocument(rows, id, (value) => value ?? begin())).value
  const reading = queryStores({
    stores: waku.stores,
    topics: topics.topics,
    fromNanoseconds: BigInt(since) * 1_000_000_000n,
    toNanoseconds: BigInt(until) * 1_000_000_000n + 999_999_999n,
    after: sync.place,
    signal,
    patienceMilliseconds: Math.min(longestPatienceMilliseconds, wakuStoreSeconds * 1000),
    storeLimitMilliseconds: wakuStoreSeconds * 1000,
  })
  const start = sync
  let triedAtMilliseconds = performance.now()
  try {
    for await (const { messages, place } of reading) {
      const taken = await takeMessages(context, waku, topics, messages)
      const next = advance(sync, start, taken, place, reading)
      sync = (await updateDocument(rows, id, () => next)).value
      triedAtMilliseconds = performance.now()
    }
    const { refusedMessages } = sync
    if (Object.keys(refusedMessages).length > 0)
      context.log.info({ communityId, refusedMessages }, 'not all that stores had of a community could be kept')
    return { ...result(sync, addReports(start.stores, reading.reports())), gaveUp: false }
  } catch (error) {
    if (error instanceof InvalidStorePlaceError) {
      // The chats are others than they were at the place.
      await updateDocument(rows, id, begin)
      throw new RetryLaterError(0, 'the chats have changed')
    }
    if (!(error instanceof StoresUnavailableError)) throw error
    const waitedSeconds = sync.waitedSeconds + (performance.now() - triedAtMilliseconds) / 1000
    const pauseSeconds = Math.min(longestRetrySeconds, wakuGiveUpSeconds - waitedSeconds)
    if (pauseSeconds > 0) {
      const next = { ...sync, waitedSeconds: waitedSeconds + pauseSeconds }
      await updateDocument(rows, id, () => next)
      throw new RetryLaterError(pauseSeconds, error.message)
    }
    context.metrics.add('syncsGivenUp', 1)
    context.log.warn({ err: error, communityId, since, until }, 'no store answered a history sync; going on without')
    return { ...result(sync, addReports(start.stores, reading.reports())), gaveUp: true }
  } finally {
    countGaps(context, reading)
  }
}

function countGaps({ metrics }: ServiceContext, reading: StoresReading): void {
  for (const { node, missing } of reading.reports()) metrics.add('storeGaps', missing, { 'server.address': node })
}

/** Forgets how far a sync came, once it is answered. */
export async function forgetSync({ state }: ServiceContext, id: string): Promise<void> {
  const rows = state.collection(historySyncs)
  const row = await rows.get(id)
  if (row !== undefined) await rows.delete(id, row.version)
}

function begin(): HistorySync {
  return { waitedSeconds: 0, newMessages: 0, knownMessages: 0, refusedMessages: {}, stores: [] }
}

function advance(
  sync: HistorySync,
  start: HistorySync,
  { stored, known, refused }: TakenMessages,
  place: string,
  reading: StoresReading,
): HistorySync {
  return {
    ...sync,
    place,
    waitedSeconds: 0,
    newMessages: sync.newMessages + stored,
    knownMessages: sync.knownMessages + known,
    refusedMessages: addRefusals(sync.refusedMessages, refused),
    stores: addReports(start.stores, reading.reports()),
  }
}

function result(
  { newMessages, knownMessages, refusedMessages }: HistorySync,
  stores: HistorySync['stores'],
): Omit<StoreSync, 'gaveUp'> {
  return { newMessages, knownMessages, refusedMessages, stores }
}
