import { createHash } from 'node:crypto'
import type { ArchiveEntry, WakuMessage } from '@annals/archive'
import { encodeMagnetLink, sealArchives, sha1 } from '@annals/archive'
import {
  communityIdOfPrivateKey,
  contentTopic,
  encodeMagnetMessage,
  keccak256,
  Secret,
  uncompressedPublicKey,
  wrapApplicationMessage,
  wrapPublicMessage,
} from '@annals/crypto'
import { importIdentity, mapRecord, type ImportRecord } from '@annals/imports'
import { ChatMessage, ChatMessage_ContentType, MessageType } from '@annals/proto/status/v1/chat'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { AssembledTorrent, RawArchive } from '../../../archive/testing/assemble-torrent.ts'
import { assembleTorrent } from '../../../archive/testing/assemble-torrent.ts'

const utf8 = new TextEncoder()

export const communityKey = keccak256(utf8.encode('reader community'))
export const communityId = communityIdOfPrivateKey(communityKey)
export const weekSeconds = 604_800
/** 2024-01-01. */
export const firstWeek = 1_704_067_200
export const channelId = '11111111-1111-4111-8111-111111111111'

export const memberKey = (name: string): Uint8Array => keccak256(utf8.encode(`member ${name}`))

/** A chat message as status-go sends it. */
export function chatMessage(fields: {
  readonly timestamp: number
  readonly text: string
  readonly by?: string
  readonly replyTo?: string
  readonly channelId?: string
  readonly communityId?: string
  readonly contentType?: number
}): WakuMessage {
  const { timestamp, text, by = 'alice', replyTo = '' } = fields
  const chatId = `${fields.communityId ?? communityId}${fields.channelId ?? channelId}`
  const encoded = ChatMessage.encode({
    clock: timestamp * 1000,
    timestamp: timestamp * 1000,
    text,
    responseTo: replyTo,
    chatId,
    messageType: MessageType.MESSAGE_TYPE_COMMUNITY_CHAT,
    contentType: (fields.contentType ?? ChatMessage_ContentType.CONTENT_TYPE_TEXT_PLAIN) as ChatMessage_ContentType,
    discordMessage: undefined,
  }).finish()
  // The display name is not in the project's own protocol file.
  const payload = Buffer.concat([encoded, new BinaryWriter().tag(14, WireType.LengthDelimited).string(by).finish()])
  return signedMessage({ timestamp, type: 1, payload, by, chatId })
}

export function signedMessage(fields: {
  readonly timestamp: number
  readonly type: number
  readonly payload: Uint8Array
  readonly by: string
  readonly chatId?: string
}): WakuMessage {
  const { timestamp, type, by, chatId = communityId + channelId } = fields
  const privateKey = by === 'community' ? communityKey : memberKey(by)
  const payload = wrapPublicMessage(
    wrapApplicationMessage({ privateKey, type, payload: Uint8Array.from(fields.payload) }),
  )
  return {
    sig: uncompressedPublicKey(privateKey),
    timestamp,
    topic: contentTopic(chatId),
    payload,
    padding: Uint8Array.of(1),
    hash: keccak256(payload),
    thirdPartyId: '',
  }
}

/** status-go's id of a message. */
export function messageIdOf({ sig, payload }: WakuMessage): string {
  // Without the tag and the length of ProtocolMessage.public_message.
  const bare = wrapPublicMessage(new Uint8Array(0)).length
  const lengthBytes = payload.length - bare > 16_384 ? 3 : payload.length - bare > 128 ? 2 : 1
  return `0x${Buffer.from(keccak256(Buffer.concat([sig, payload.subarray(bare - 1 + lengthBytes)]))).toString('hex')}`
}

export function editOf(message: WakuMessage, text: string, options: { by?: string; clock?: number } = {}): WakuMessage {
  const writer = new BinaryWriter().tag(1, WireType.Varint).uint64(options.clock ?? 1)
  writer.tag(2, WireType.LengthDelimited).string(text).tag(4, WireType.LengthDelimited).string(messageIdOf(message))
  const by = options.by ?? 'alice'
  return signedMessage({ timestamp: message.timestamp + 1, type: 29, payload: writer.finish(), by })
}

export function deletionOf(message: WakuMessage, by = 'alice'): WakuMessage {
  const writer = new BinaryWriter().tag(1, WireType.Varint).uint64(1)
  writer.tag(3, WireType.LengthDelimited).string(messageIdOf(message))
  return signedMessage({ timestamp: message.timestamp + 1, type: 31, payload: writer.finish(), by })
}

const identity = importIdentity(communityId, new Secret(communityKey))

export function importedMessage(fields: Partial<ImportRecord> & { readonly timestamp: number }): WakuMessage {
  const record: ImportRecord = {
    sourceId: String(fields.timestamp),
    channelId: 'general',
    channelName: 'general',
    authorId: '42',
    authorName: 'bob',
    authorNickname: '',
    authorAvatarUrl: '',
    text: 'hello',
    type: 'Default',
    replyTo: '',
    attachments: [],
    ...fields,
  }
  return mapRecord(record, identity)
}

/** Seals messages of one week. */
export async function sealWeek(
  messages: readonly WakuMessage[],
  from = firstWeek,
  to = from + weekSeconds,
): Promise<RawArchive> {
  const options = { from, to, intervalSeconds: to - from, contentTopics: [], offsetBytes: 0, sha1 }
  const sorted = messages.toSorted((a, b) => a.timestamp - b.timestamp)
  for await (const sealed of sealArchives([sorted], options))
    if (sealed.kind === 'archive') return { from, to, encoded: sealed.encoded.slice() }
  throw new Error('a week needs a message')
}

/** Characters that do not repeat, so that an archive has a size and pieces of its own. */
export function noise(seed: string, bytes: number): string {
  return createHash('shake256', { outputLength: Math.ceil(bytes / 2) })
    .update(seed)
    .digest('hex')
}

export interface MadeCommunity extends AssembledTorrent {
  readonly communityId: string
  magnetLink(sources?: { readonly trackers?: readonly string[]; readonly webSeeds?: readonly string[] }): string
  /** The community's signed announcement of that link. */
  announcement(magnetLink: string, clockMilliseconds?: number): Uint8Array
}

/** A torrent of weeks; `changeIndex` has the last word on its index. */
export function makeCommunity(
  weeks: readonly RawArchive[],
  changeIndex?: (entries: readonly ArchiveEntry[]) => Uint8Array,
): MadeCommunity {
  const made = assembleTorrent(communityId, weeks, changeIndex)
  return {
    communityId,
    ...made,
    magnetLink: ({ trackers = [], webSeeds = [] } = {}) =>
      encodeMagnetLink({ infoHash: made.infoHash, communityId, trackers, webSeeds }),
    announcement: (magnetLink, clockMilliseconds = 1_704_067_200_123) =>
      encodeMagnetMessage({ privateKey: communityKey, clockMilliseconds, magnetLink }),
  }
}

/** A community of weeks with two short messages each and one that makes the week several pieces large. */
export async function makeTenWeeks(count = 10): Promise<MadeCommunity> {
  const weeks = Array.from({ length: count }, async (_, week) => {
    const from = firstWeek + week * weekSeconds
    return sealWeek(
      [
        chatMessage({ timestamp: from, text: `week ${week} begins` }),
        chatMessage({ timestamp: from + 60, text: noise(`week ${week}`, 250_000), by: 'bob' }),
        chatMessage({ timestamp: from + 120, text: `week ${week} ends` }),
      ],
      from,
    )
  })
  return makeCommunity(await Promise.all(weeks))
}
