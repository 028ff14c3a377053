import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  announceChatId,
  communityIdOfPrivateKey,
  communityIdOfPublicKey,
  compressedPublicKey,
  compressPublicKey,
  contentTopic,
  decodeMagnetMessage,
  encodeMagnetMessage,
  fromHex,
  keccak256,
  parseCommunityId,
  recover,
  sign,
  toHex,
  uncompressedPublicKey,
  uncompressPublicKey,
  unwrapApplicationMessage,
} from './index.ts'

const folder = fileURLToPath(new URL('../../../../shared/data/vectors/magnet-message', import.meta.url))
const missing = !existsSync(folder)
const skip = missing && process.env['CI'] === undefined
const note = missing ? ' (left out: there is no ../shared/data/vectors)' : ''

interface Ids {
  readonly chats: readonly { readonly chatId: string; readonly contentTopic: string }[]
  readonly keys: readonly {
    readonly privateKey: string
    readonly uncompressedPublicKey: string
    readonly compressedPublicKey: string
    readonly idText: string
  }[]
  readonly keccakSamples: readonly { readonly input: string; readonly hash: string }[]
}

interface Announcement {
  readonly applicationMetadataMessage: string
  readonly protocolMessage: string
  readonly signature: string
  readonly keccak256OfIt: string
  readonly chatId: string
  readonly clock: number
  readonly magnetUri: string
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))

function communityKey(): { privateKey: Uint8Array; communityId: string } {
  const key = (readJson('ids') as Ids).keys[0]!
  return { privateKey: fromHex(key.privateKey), communityId: key.idText }
}

function announcements(): readonly Announcement[] {
  return readJson('magnet-message') as Announcement[]
}

describe.skipIf(skip)(`what status-go made of keys and ids${note}`, () => {
  it('keccak256 of its samples', () => {
    for (const { input, hash } of (readJson('ids') as Ids).keccakSamples)
      expect(toHex(keccak256(fromHex(input)))).toBe(hash)
  })

  it('public keys and community ids of its private keys', () => {
    for (const key of (readJson('ids') as Ids).keys) {
      const privateKey = fromHex(key.privateKey)
      expect(toHex(compressedPublicKey(privateKey))).toBe(key.compressedPublicKey)
      expect(toHex(uncompressedPublicKey(privateKey))).toBe(key.uncompressedPublicKey)
      expect(toHex(compressPublicKey(fromHex(key.uncompressedPublicKey)))).toBe(key.compressedPublicKey)
      expect(toHex(uncompressPublicKey(fromHex(key.compressedPublicKey)))).toBe(key.uncompressedPublicKey)
      expect(communityIdOfPrivateKey(privateKey)).toBe(key.idText)
      expect(communityIdOfPublicKey(fromHex(key.uncompressedPublicKey))).toBe(key.idText)
      expect(toHex(parseCommunityId(key.idText))).toBe(key.compressedPublicKey)
    }
  })

  it('content topics of its chats', () => {
    for (const chat of (readJson('ids') as Ids).chats) expect(toHex(contentTopic(chat.chatId))).toBe(chat.contentTopic)
  })
})

describe.skipIf(skip)(`announcements that status-go made${note}`, () => {
  it('are made byte for byte, signature included', () => {
    const { privateKey, communityId } = communityKey()
    for (const announcement of announcements()) {
      const made = encodeMagnetMessage({
        privateKey,
        clockMilliseconds: announcement.clock,
        magnetLink: announcement.magnetUri,
      })
      expect(toHex(made)).toBe(announcement.applicationMetadataMessage)
      expect(toHex(sign(privateKey, fromHex(announcement.keccak256OfIt)))).toBe(announcement.signature)
      expect(announceChatId(communityId, 'magnetlinks')).toBe(announcement.chatId)
    }
  })

  it('are read bare and inside a ProtocolMessage', () => {
    const { communityId } = communityKey()
    for (const announcement of announcements()) {
      const expected = {
        communityId,
        clockMilliseconds: announcement.clock,
        magnetLink: announcement.magnetUri,
      }
      expect(decodeMagnetMessage(fromHex(announcement.applicationMetadataMessage))).toEqual(expected)
      expect(decodeMagnetMessage(fromHex(announcement.protocolMessage))).toEqual(expected)
      const { type, signer } = unwrapApplicationMessage(fromHex(announcement.protocolMessage))
      expect({ type, signer: toHex(signer) }).toEqual({ type: 43, signer: communityId })
      expect(toHex(recover(fromHex(announcement.signature), fromHex(announcement.keccak256OfIt)))).toBe(communityId)
    }
  })
})
