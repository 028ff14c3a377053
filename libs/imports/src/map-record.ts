import type { WakuMessage } from '@annals/archive'
import type { Secret } from '@annals/crypto'
import {
  chatId,
  communityIdOfPrivateKey,
  contentTopic,
  keccak256,
  uncompressedPublicKey,
  wrapApplicationMessage,
} from '@annals/crypto'
import { ChatMessage, ChatMessage_ContentType, MessageType } from '@annals/proto/status/v1/chat'
import { WrongCommunityKeyError } from './import-errors.ts'
import type { ImportRecord } from './import-record.ts'
import { importedChannelId } from './imported-channel-id.ts'

/** Whose messages an import makes: of the community, signed by its key. Made once, used for every record. */
export interface ImportIdentity {
  readonly communityId: string
  readonly privateKey: Secret
  /** 65 bytes. */
  readonly publicKey: Uint8Array
}

/** ApplicationMetadataMessage.Type CHAT_MESSAGE in status-go. */
export const chatMessageType = 1

const utf8 = new TextEncoder()

/** @throws WrongCommunityKeyError, InvalidPrivateKeyError */
export function importIdentity(communityId: string, privateKey: Secret): ImportIdentity {
  const bytes = privateKey.reveal()
  const keyCommunityId = communityIdOfPrivateKey(bytes)
  if (keyCommunityId !== communityId) throw new WrongCommunityKeyError(communityId, keyCommunityId)
  return { communityId, privateKey, publicKey: uncompressedPublicKey(bytes) }
}

/** status-go's id of an imported message: the community's id, then the id in the source. */
export function importedMessageId(communityId: string, sourceId: string): string {
  return communityId + sourceId
}

/** The hash that a record's message has: known without making the message, which takes a signature. */
export function importedMessageHash(communityId: string, sourceId: string): Uint8Array {
  return keccak256(utf8.encode(importedMessageId(communityId, sourceId)))
}

/**
 * The community's message that a record becomes, as status-go's Discord import makes it (`processDiscordMessages`,
 * `chatMessagesToWakuMessages`): a CHAT_MESSAGE with Discord content, signed by the community's key, its padding 0x01, its
 * hash keccak256 of the message id. The same record always gives the same bytes. Two things differ from status-go: a
 * reply names its answered message whether or not that is in the same import, and the bytes of attachments and avatars
 * are not fetched.
 */
export function mapRecord(record: ImportRecord, identity: ImportIdentity): WakuMessage {
  const { communityId, privateKey, publicKey } = identity
  const chat = chatId(communityId, importedChannelId(communityId, record.channelId))
  const messageId = importedMessageId(communityId, record.sourceId)
  const clockMilliseconds = record.timestamp * 1000
  const payload = ChatMessage.encode({
    clock: clockMilliseconds,
    timestamp: clockMilliseconds,
    text: '',
    responseTo: record.replyTo === '' ? '' : importedMessageId(communityId, record.replyTo),
    chatId: chat,
    messageType: MessageType.MESSAGE_TYPE_COMMUNITY_CHAT,
    contentType: ChatMessage_ContentType.CONTENT_TYPE_DISCORD_MESSAGE,
    discordMessage: discordMessage(record),
  }).finish()
  return {
    sig: publicKey,
    timestamp: record.timestamp,
    topic: contentTopic(chat),
    payload: wrapApplicationMessage({ privateKey: privateKey.reveal(), type: chatMessageType, payload }),
    padding: Uint8Array.of(1),
    hash: importedMessageHash(communityId, record.sourceId),
    thirdPartyId: messageId,
  }
}

function discordMessage(record: ImportRecord): NonNullable<ChatMessage['discordMessage']> {
  const { sourceId, channelId, replyTo } = record
  return {
    id: sourceId,
    type: record.type,
    timestamp: String(record.timestamp),
    timestampEdited: record.editedTimestamp === undefined ? '' : String(record.editedTimestamp),
    content: record.text,
    author: {
      id: record.authorId,
      name: record.authorName,
      discriminator: '',
      nickname: record.authorNickname,
      avatarUrl: record.authorAvatarUrl,
    },
    reference: replyTo === '' ? undefined : { messageId: replyTo, channelId, guildId: '' },
    attachments: record.attachments.map((each) => ({ ...each, messageId: sourceId, contentType: '' })),
  }
}
