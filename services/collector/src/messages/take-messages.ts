import type { WakuMessage } from '@annals/archive'
import type { ServiceContext, WakuNetwork } from '@annals/service'
import type { CarriedMessage } from '@annals/waku'
import { takeDescription } from '../description/take-description.ts'
import { descriptionChannel } from './chat-topics.ts'
import type { ChatTopics } from './chat-topics.ts'
import { openMessage } from './open-message.ts'

/** What became of messages. */
export interface TakenMessages {
  readonly stored: number
  /** That were here before. */
  readonly known: number
  /** Counts by `RefusalReason`. */
  readonly refused: Readonly<Record<string, number>>
}

/**
 * Keeps what came of a community's chats, to be sealed. A description is read and not kept, as archives hold chats only. May be
 * done again with the same messages. @throws what the stores and the registry throw; a part may be kept then
 */
export async function takeMessages(
  context: ServiceContext,
  waku: WakuNetwork,
  chats: ChatTopics,
  carried: readonly CarriedMessage[],
): Promise<TakenMessages> {
  const { communityId } = chats
  const messages: WakuMessage[] = []
  const refused: Record<string, number> = {}
  for (const each of carried) {
    const opened = await openMessage(waku.keys, chats, each)
    if (opened.kind === 'refused') refused[opened.reason] = (refused[opened.reason] ?? 0) + 1
    else if (opened.channelId === descriptionChannel)
      await takeDescription(context, communityId, opened.message.payload)
    else messages.push(opened.message)
  }
  if (Object.keys(refused).length > 0)
    context.log.info({ communityId, refused }, 'messages on the topics of a community were not kept')
  if (messages.length === 0) return { stored: 0, known: 0, refused }
  return { ...(await context.messages.ingest(communityId, messages, 'pending')), refused }
}
