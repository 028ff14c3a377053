import type { WakuMessage } from '@annals/archive'
import {
  CryptoError,
  compressPublicKey,
  EncryptedMessageError,
  keccak256,
  maxMessageBytes,
  readApplicationMessage,
  toHex,
  unwrapPublicMessage,
} from '@annals/crypto'
import type { ChatChange, ChatMessage, ChatMessageKind } from './chat-message.ts'
import type { UnreadableReason } from './tally.ts'
import {
  decodeChatMessage,
  decodeDelete,
  decodeEdit,
  MalformedChatError,
  type WireChatMessage,
  type WireImported,
} from './wire-chat.ts'

/** Numbers of `ApplicationMetadataMessage.Type` in status-go. */
const messageType = { chat: 1, edit: 29, delete: 31 }

/** The last second that a JavaScript date can say. */
const maxTimestampSeconds = 8_640_000_000_000

/** What a message of an archive is to a person who reads. */
export type ReadChat =
  | { readonly kind: 'chat'; readonly message: ChatMessage }
  | { readonly kind: 'change'; readonly change: ChatChange }
  | { readonly kind: 'other'; readonly type: number }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason }
  /** For members: its bytes are to be opened and read again. */
  | { readonly kind: 'encrypted' }

const unreadable = (reason: UnreadableReason): ReadChat => ({ kind: 'unreadable', reason })

/** Reads messages of one community's archives. Remembers senders, whose keys take most of the time. */
export class ChatReader {
  readonly #communityId: string
  readonly #senders = new Map<string, string | undefined>()

  constructor(communityId: string) {
    this.#communityId = communityId
  }

  /**
   * Reads one message; `payload` is its own, or what came out of it by decryption or joining. Signatures inside are not
   * looked at, which would take milliseconds each: that the sender is who the archive says is the word of whoever sealed it.
   */
  read(message: WakuMessage, payload: Uint8Array = message.payload): ReadChat {
    if (message.timestamp > maxTimestampSeconds) return unreadable('time')
    if (payload.length > maxMessageBytes) return unreadable('too-large')
    try {
      const { type, payload: inner } = readApplicationMessage(payload)
      if (type !== messageType.chat && type !== messageType.edit && type !== messageType.delete)
        return { kind: 'other', type }
      const senderId = this.#senderOf(message.sig)
      if (senderId === undefined) return unreadable('sender')
      if (type !== messageType.chat) return readChange(type, inner, message, senderId)
      return this.#readChat(message, payload, decodeChatMessage(inner), senderId)
    } catch (error) {
      if (error instanceof EncryptedMessageError) return { kind: 'encrypted' }
      if (error instanceof CryptoError || error instanceof MalformedChatError) return unreadable('malformed')
      throw error
    }
  }

  #readChat(message: WakuMessage, payload: Uint8Array, chat: WireChatMessage, senderId: string): ReadChat {
    if (!chat.chatId.startsWith(this.#communityId)) return unreadable('foreign-chat')
    const common = {
      channelId: chat.chatId.slice(this.#communityId.length),
      timeMilliseconds: message.timestamp * 1000,
      deleted: false,
    }
    if (chat.imported !== undefined) {
      // Anybody can write that somebody else said something elsewhere; only the community imports.
      if (senderId !== this.#communityId) return unreadable('false-import')
      return { kind: 'chat', message: { ...common, ...importedFields(this.#communityId, chat.imported) } }
    }
    return {
      kind: 'chat',
      message: {
        ...common,
        id: messageId(message.sig, unwrapPublicMessage(payload)),
        senderId,
        senderName: chat.displayName,
        origin: 'status',
        kind: kindOf(chat.contentType),
        text: chat.text,
        replyTo: chat.responseTo,
        editedMilliseconds: undefined,
        attachments: [],
      },
    }
  }

  /** The compressed key; `undefined` where it is no point of the curve. */
  #senderOf(sig: Uint8Array): string | undefined {
    const key = toHex(sig.subarray(0, 65))
    if (this.#senders.has(key)) return this.#senders.get(key)
    let senderId: string | undefined
    try {
      if (sig.length === 65) senderId = toHex(compressPublicKey(sig))
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
    }
    // A flood of senders is not kept in memory.
    if (this.#senders.size >= 100_000) this.#senders.clear()
    this.#senders.set(key, senderId)
    return senderId
  }
}

/** status-go's `MessageID`: keccak256 of the sender's uncompressed key and the encoded ApplicationMetadataMessage. */
function messageId(sig: Uint8Array, applicationMessage: Uint8Array): string {
  const bytes = new Uint8Array(sig.length + applicationMessage.length)
  bytes.set(sig)
  bytes.set(applicationMessage, sig.length)
  return toHex(keccak256(bytes))
}

function importedFields(
  communityId: string,
  imported: WireImported,
): Omit<ChatMessage, 'channelId' | 'timeMilliseconds' | 'deleted'> {
  const editedSeconds = Number(imported.timestampEdited)
  const wasEdited = Number.isSafeInteger(editedSeconds) && editedSeconds > 0 && editedSeconds <= maxTimestampSeconds
  return {
    id: communityId + imported.id,
    senderId: imported.authorId,
    senderName: imported.authorNickname || imported.authorName,
    origin: 'imported',
    kind: 'text',
    text: imported.content,
    replyTo: imported.replyTo === '' ? '' : communityId + imported.replyTo,
    editedMilliseconds: wasEdited ? editedSeconds * 1000 : undefined,
    attachments: imported.attachments,
  }
}

function readChange(type: number, bytes: Uint8Array, message: WakuMessage, senderId: string): ReadChat {
  if (type === messageType.delete)
    return { kind: 'change', change: { kind: 'delete', messageId: decodeDelete(bytes).messageId, senderId } }
  const { messageId, text, clock } = decodeEdit(bytes)
  const timeMilliseconds = message.timestamp * 1000
  return { kind: 'change', change: { kind: 'edit', messageId, senderId, clock, timeMilliseconds, text } }
}

/** `ChatMessage.ContentType` in status-go. */
function kindOf(contentType: number): ChatMessageKind {
  switch (contentType) {
    case 0:
    case 1:
    case 3:
      return 'text'
    case 2:
      return 'sticker'
    case 4:
      return 'emoji'
    case 7:
      return 'image'
    case 8:
      return 'audio'
    default:
      return 'other'
  }
}
