import type { WakuMessage } from '@annals/archive'
import {
  InvalidMessageBytesError,
  communityIdOfPublicKey,
  readApplicationMessage,
  toHex,
  unwrapApplicationMessage,
} from '@annals/crypto'
import { ChatMessage } from '@annals/proto/status/v1/chat'
import { NotImportedMessageError } from './import-errors.ts'
import { chatMessageType } from './map-record.ts'

/** What an imported message says. */
export interface ImportedMessage {
  readonly communityId: string
  readonly sourceId: string
  /** The channel id in the community; the source's own channel id is not in the message. */
  readonly channelId: string
  readonly authorId: string
  readonly author: string
  readonly timestamp: number
  readonly text: string
  readonly type: string
  /** Source id of the answered message; empty where there is none. */
  readonly replyTo: string
}

export interface ReadImportedOptions {
  /**
   * Off where somebody else vouches for the message, or only what it says is asked for: checking takes some
   * milliseconds, all the rest a hundredth of that. On by default.
   */
  readonly checkSignature?: boolean
}

/**
 * Reads a message that `mapRecord` or status-go's import made, and checks that the community signed it.
 * @throws NotImportedMessageError for any other message, with the cause
 */
export function readImported(message: WakuMessage, options: ReadImportedOptions = {}): ImportedMessage {
  const { communityId, chat } = readChat(message, options.checkSignature ?? true)
  const discord = chat.discordMessage
  if (discord?.author === undefined) throw new NotImportedMessageError('the message has no content of another system')
  if (!chat.chatId.startsWith(communityId))
    throw new NotImportedMessageError(
      `the message is for chat ${chat.chatId.slice(0, 80)}, which is none of ${communityId}`,
    )
  return {
    communityId,
    sourceId: discord.id,
    channelId: chat.chatId.slice(communityId.length),
    authorId: discord.author.id,
    author: discord.author.name,
    timestamp: message.timestamp,
    text: discord.content,
    type: discord.type,
    replyTo: discord.reference?.messageId ?? '',
  }
}

function readChat(message: WakuMessage, checkSignature: boolean): { communityId: string; chat: ChatMessage } {
  try {
    const communityId = communityIdOfPublicKey(message.sig)
    const { type, payload } = checkSignature
      ? readSigned(message.payload, communityId)
      : readApplicationMessage(message.payload)
    if (type !== chatMessageType) throw new InvalidMessageBytesError('chat message', `it is of type ${type}`)
    return { communityId, chat: ChatMessage.decode(payload) }
  } catch (cause) {
    throw new NotImportedMessageError('the message is none that an import made', { cause })
  }
}

function readSigned(bytes: Uint8Array, communityId: string): { type: number; payload: Uint8Array } {
  const message = unwrapApplicationMessage(bytes)
  if (toHex(message.signer) !== communityId)
    throw new InvalidMessageBytesError('imported message', 'another key signed it')
  return message
}
