import { encodeMagnetMessage, uncompressedPublicKey } from '@annals/crypto'
import { readImported } from '@annals/imports'
import { ChatMessage as GeneratedChat } from '@annals/proto/status/v1/chat'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  channelId,
  chatMessage,
  communityId,
  communityKey,
  editOf,
  firstWeek,
  importedMessage,
  memberKey,
  messageIdOf,
  signedMessage,
} from '../testing/make-community.ts'
import { ChatReader } from './read-chat.ts'
import { decodeChatMessage, MalformedChatError } from './wire-chat.ts'

const read = (message: Parameters<ChatReader['read']>[0]) => new ChatReader(communityId).read(message)

/** Another error is a defect and comes through. */
function decodedOrError(bytes: Uint8Array): unknown {
  try {
    return decodeChatMessage(bytes)
  } catch (error) {
    if (error instanceof MalformedChatError) return error
    throw error
  }
}

describe('a chat message', () => {
  it('says who said what, when, where and in answer to what', () => {
    const first = chatMessage({ timestamp: firstWeek, text: 'hello' })
    const answer = chatMessage({ timestamp: firstWeek + 5, text: 'hi <b>', by: 'bob', replyTo: messageIdOf(first) })
    const [hello, hi] = [read(first), read(answer)]
    expect(hi).toMatchObject({
      kind: 'chat',
      message: {
        channelId,
        timeMilliseconds: (firstWeek + 5) * 1000,
        senderName: 'bob',
        origin: 'status',
        kind: 'text',
        text: 'hi <b>',
        deleted: false,
      },
    })
    expect(hello).toMatchObject({ message: { id: messageIdOf(first) } })
    expect(hi).toMatchObject({ message: { replyTo: messageIdOf(first) } })
    expect(hi).toMatchObject({ message: { senderId: expect.stringMatching(/^0x0[23][0-9a-f]{64}$/) } })
  })

  it('that was imported says so, as other readers of imports do', () => {
    const message = importedMessage({
      timestamp: firstWeek,
      text: 'from afar',
      authorNickname: 'bobby',
      replyTo: '7',
      editedTimestamp: firstWeek + 9,
      attachments: [{ id: '1', url: 'https://x.test/a.png', fileName: 'a.png', fileSizeBytes: 5 }],
    })
    const { sourceId, channelId, authorId } = readImported(message)
    expect(read(message)).toEqual({
      kind: 'chat',
      message: {
        id: communityId + sourceId,
        channelId,
        timeMilliseconds: firstWeek * 1000,
        senderId: authorId,
        senderName: 'bobby',
        origin: 'imported',
        kind: 'text',
        text: 'from afar',
        replyTo: `${communityId}7`,
        editedMilliseconds: (firstWeek + 9) * 1000,
        deleted: false,
        attachments: [{ url: 'https://x.test/a.png', fileName: 'a.png', sizeBytes: 5 }],
      },
    })
  })

  it('is read as the generated code writes it, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    const fields = fc.record({ text, responseTo: text, chatId: text })
    fc.assert(
      fc.property(fields, (fields) => {
        const encoded = GeneratedChat.encode(GeneratedChat.fromPartial(fields)).finish()
        expect(decodeChatMessage(encoded)).toMatchObject(fields)
      }),
      { numRuns: 100 },
    )
  })

  it('of any bytes is a message or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(decodedOrError(bytes)).toBeDefined()
        expect(read(signedMessage({ timestamp: 1, type: 1, payload: bytes, by: 'alice' }))).toBeDefined()
      }),
      { numRuns: 30 },
    )
  })
})

describe('what cannot be read', () => {
  const good = chatMessage({ timestamp: firstWeek, text: 'x' })
  const imported = importedMessage({ timestamp: firstWeek })
  it.for<[string, Parameters<ChatReader['read']>[0]]>([
    ['foreign-chat', chatMessage({ timestamp: firstWeek, text: 'x', communityId: `0x02${'ab'.repeat(32)}` })],
    ['false-import', { ...imported, sig: uncompressedPublicKey(memberKey('mallory')) }],
    ['sender', { ...good, sig: new Uint8Array(65).fill(4) }],
    ['sender', { ...good, sig: new Uint8Array(0) }],
    ['time', { ...good, timestamp: 2 ** 53 - 1 }],
    ['malformed', { ...good, payload: Uint8Array.of(0xff, 0xff) }],
    ['malformed', signedMessage({ timestamp: 1, type: 1, payload: Uint8Array.of(0xff), by: 'alice' })],
    ['too-large', { ...good, payload: new Uint8Array(1_048_577) }],
  ])('is told apart: %s', ([reason, message]) => {
    expect(read(message)).toEqual({ kind: 'unreadable', reason })
  })

  it('is no chat where it is another message of the community', () => {
    const announcement = encodeMagnetMessage({ privateKey: communityKey, clockMilliseconds: 1, magnetLink: 'magnet:?' })
    expect(read({ ...good, payload: announcement })).toEqual({ kind: 'other', type: 43 })
  })

  it('is no chat where it is an edit', () => {
    expect(read(editOf(good, 'new'))).toMatchObject({
      kind: 'change',
      change: { kind: 'edit', messageId: messageIdOf(good), text: 'new' },
    })
  })
})
