import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Secret,
  communityIdOfPrivateKey,
  keccak256,
  readApplicationMessage,
  wrapApplicationMessage,
} from '@annals/crypto'
import { NotImportedMessageError, WrongCommunityKeyError } from './import-errors.ts'
import type { ImportRecord } from './import-record.ts'
import { importedChannelId } from './imported-channel-id.ts'
import { importIdentity, mapRecord } from './map-record.ts'
import { readImported } from './read-imported.ts'

const utf8 = new TextEncoder()
const privateKey = keccak256(utf8.encode('annals conformance community'))
const communityId = communityIdOfPrivateKey(privateKey)
const identity = importIdentity(communityId, new Secret(privateKey))

const text = fc.string({ unit: 'grapheme', maxLength: 50 })
const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
const records: fc.Arbitrary<ImportRecord> = fc.record({
  sourceId: id,
  channelId: id,
  channelName: text,
  authorId: id,
  authorName: text,
  authorNickname: text,
  authorAvatarUrl: text,
  timestamp: fc.integer({ min: 1, max: 0xffff_ffff }),
  editedTimestamp: fc.option(fc.integer({ min: 1, max: 0xffff_ffff }), { nil: undefined }),
  text: fc.string({ unit: 'grapheme', maxLength: 500 }),
  type: fc.constantFrom('Default', 'Reply', 'ChannelPinnedMessage'),
  replyTo: fc.oneof(fc.constant(''), id),
  attachments: fc.array(fc.record({ id, url: text, fileName: text, fileSizeBytes: fc.nat() }), { maxLength: 3 }),
})

describe('mapRecord', () => {
  it('makes the community of the conformance vectors', () => {
    expect(communityId).toBe('0x025207d21cd65c99dd77a5fb3bb639e91e78c910495e1a754fab08bef99529a93a')
  })

  it('keeps who, when, where and what', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(readImported(mapRecord(record, identity))).toEqual({
          communityId,
          sourceId: record.sourceId,
          channelId: importedChannelId(communityId, record.channelId),
          authorId: record.authorId,
          author: record.authorName,
          timestamp: record.timestamp,
          text: record.text,
          type: record.type,
          replyTo: record.replyTo,
        })
      }),
      { numRuns: 50 },
    )
  })

  it('gives the same bytes for the same record, with ids as status-go has them', () => {
    fc.assert(
      fc.property(records, (record) => {
        const message = mapRecord(record, identity)
        expect(mapRecord({ ...record }, identity)).toEqual(message)
        expect(message.thirdPartyId).toBe(communityId + record.sourceId)
        expect(message.hash).toEqual(keccak256(utf8.encode(communityId + record.sourceId)))
        expect(message.padding).toEqual(Uint8Array.of(1))
        expect(message.sig).toHaveLength(65)
      }),
      { numRuns: 20 },
    )
  })

  it('refuses the key of another community', () => {
    expect(() => importIdentity(communityId, new Secret(keccak256(privateKey)))).toThrow(WrongCommunityKeyError)
  })
})

describe('readImported', () => {
  it('takes no message whose bytes were changed anywhere', () => {
    const [record] = fc.sample(records, { numRuns: 1, seed: 7 })
    const message = mapRecord(record as ImportRecord, identity)
    for (let at = 0; at < message.payload.length; at += 7) {
      const payload = Uint8Array.from(message.payload)
      payload[at] = (payload[at] as number) ^ 0x10
      expect(() => readImported({ ...message, payload })).toThrow(NotImportedMessageError)
    }
  })

  it('reads the same without checking the signature, and then takes a message that somebody else signed', () => {
    fc.assert(
      fc.property(records, (record) => {
        const message = mapRecord(record, identity)
        const read = readImported(message)
        expect(readImported(message, { checkSignature: false })).toEqual(read)
        const { type, payload } = readApplicationMessage(message.payload)
        const forged = wrapApplicationMessage({ privateKey: keccak256(privateKey), type, payload })
        expect(readImported({ ...message, payload: forged }, { checkSignature: false })).toEqual(read)
        expect(() => readImported({ ...message, payload: forged })).toThrow(NotImportedMessageError)
      }),
      { numRuns: 10 },
    )
  })

  it('takes no message of another sender, and no bytes of any other kind', () => {
    const [record] = fc.sample(records, { numRuns: 1, seed: 7 })
    const message = mapRecord(record as ImportRecord, identity)
    const other = importIdentity(communityIdOfPrivateKey(keccak256(privateKey)), new Secret(keccak256(privateKey)))
    expect(() => readImported({ ...message, sig: other.publicKey })).toThrow(NotImportedMessageError)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (payload) => {
        expect(() => readImported({ ...message, payload })).toThrow(NotImportedMessageError)
      }),
    )
  })
})

describe('importedChannelId', () => {
  it('is a UUID that depends on community and channel alone', () => {
    const channel = importedChannelId(communityId, '1024755729820811334')
    expect(channel).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(importedChannelId(communityId, '1024755729820811334')).toBe(channel)
    expect(importedChannelId(communityId, '1024755729820811335')).not.toBe(channel)
  })
})
