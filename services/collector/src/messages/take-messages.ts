import type { WakuMessage } from '@annals/archive'
import type { ServiceContext, WakuNetwork } from '@annals/service'
import type { CarriedMessage } from '@annals/waku'
import { takeDescription } from '../description/take-description.ts'
import type { DescriptionRefusal } from '../description/take-description.ts'
import { descriptionChannel } from './chat-topics.ts'
import type { ChatTopics } from './chat-topics.ts'
import { openMessage } from './open-message.ts'
import type { RecentlyKept } from './recently-kept.ts'

/** What became of messages. */
export interface TakenMessages {
  readonly stored: number
  /** That were here before. */
  readonly known: number
  /** Counts by the reason. */
  readonly refused: Refusals
}

/** How many messages there were of which nothing was kept, by `RefusalReason` or `DescriptionRefusal`. */
export type Refusals = Readonly<Record<string, number>>

export function addRefusals(some: Refusals, others: Refusals): Refusals {
  const sum: Record<string, number> = { ...some }
  for (const [reason, count] of Object.entries(others)) sum[reason] = (sum[reason] ?? 0) + count
  return sum
}

/** A description may be too large for one message. What is kept of chats stays as it came: archives have it so. */
async function takeDescribed(
  context: ServiceContext,
  { segments }: WakuNetwork,
  communityId: string,
  { sig: senderPublicKey, payload: data }: WakuMessage,
): Promise<DescriptionRefusal | 'bad-segment' | undefined> {
  const assembled = segments.add({ chatId: communityId, senderPublicKey, data }, performance.now())
  if (assembled.kind === 'waiting') return undefined
  if (assembled.kind === 'whole') return takeDescription(context, communityId, assembled.bytes)
  context.log.debug({ err: assembled.error, communityId }, 'a segment of a description cannot be used')
  return 'bad-segment'
}

/**
 * Keeps what came of a community's chats, to be sealed. A description is read and not kept, as archives hold chats only. May be
 * done again with the same messages.
 * @param recent what was kept lately, which is passed over, and what is kept now is added to it
 * @throws what the stores and the registry throw; a part may be kept then
 */
export async function takeMessages(
  context: ServiceContext,
  waku: WakuNetwork,
  chats: ChatTopics,
  carried: readonly CarriedMessage[],
  recent?: RecentlyKept,
): Promise<TakenMessages> {
  const { communityId } = chats
  const messages: WakuMessage[] = []
  const hashes: string[] = []
  let passedOver = 0
  let refused: Refusals = {}
  for (const each of carried) {
    if (recent?.has(each.hash) === true) {
      passedOver += 1
      continue
    }
    const opened = await openMessage(waku.keys, chats, each)
    if (opened.kind === 'message' && opened.channelId !== descriptionChannel) {
      messages.push(opened.message)
      hashes.push(each.hash)
      continue
    }
    const reason =
      opened.kind === 'refused' ? opened.reason : await takeDescribed(context, waku, communityId, opened.message)
    if (reason !== undefined) refused = addRefusals(refused, { [reason]: 1 })
  }
  const none = { stored: 0, known: 0 }
  const ingested = messages.length === 0 ? none : await context.messages.ingest(communityId, messages, 'pending')
  for (const hash of hashes) recent?.add(hash)
  const kept = { ...ingested, known: ingested.known + passedOver }
  const refusals = Object.values(refused).reduce((sum, each) => sum + each, 0)
  for (const [outcome, count] of Object.entries({ ...kept, refused: refusals }))
    context.metrics.add('collectedMessages', count, { 'annals.message.outcome': outcome })
  return { ...kept, refused }
}
