import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valueOrError } from '../testing/messages.ts'
import { ArchiveError, decodeMagnetLink, encodeMagnetLink, MagnetLinkError } from './index.ts'

const infoHash = '0123456789abcdef0123456789abcdef01234567'
const communityId = `0x02${'5'.repeat(64)}`
const parts = {
  infoHash,
  communityId,
  trackers: ['udp://one.example:1337/announce', "http://two.example/a?b=c&d=(e f)'*!"],
  peers: ['127.0.0.1:4001', '[::1]:4002', 'seed.example:4003'],
  webSeeds: ['https://seed.example/webseed/'],
}
const link = encodeMagnetLink(parts)

describe('encodeMagnetLink', () => {
  it('puts xt first, then the rest in the order of their keys, percent-encoded', () => {
    expect(link).toBe(
      `magnet:?xt=urn:btih:${infoHash}&dn=${communityId}&tr=udp%3A%2F%2Fone.example%3A1337%2Fannounce` +
        '&tr=http%3A%2F%2Ftwo.example%2Fa%3Fb%3Dc%26d%3D%28e%20f%29%27%2A%21' +
        '&ws=https%3A%2F%2Fseed.example%2Fwebseed%2F' +
        '&x.pe=127.0.0.1:4001&x.pe=[::1]:4002&x.pe=seed.example:4003',
    )
  })

  it('needs no trackers', () => {
    expect(encodeMagnetLink({ infoHash, communityId, trackers: [] })).toBe(
      `magnet:?xt=urn:btih:${infoHash}&dn=${communityId}`,
    )
  })

  it('refuses parts that make no link', () => {
    for (const [bad, part] of [
      [{ infoHash: infoHash.toUpperCase() }, 'xt'],
      [{ infoHash: '' }, 'xt'],
      [{ communityId: '../x' }, 'dn'],
      [{ peers: ['127.0.0.1'] }, 'x.pe'],
      [{ peers: ['a:1&tr=x'] }, 'x.pe'],
      [{ peers: ['a:65536'] }, 'x.pe'],
    ] as const)
      expect(() => encodeMagnetLink({ ...parts, ...bad })).toThrow(expect.objectContaining({ part }))
  })
})

describe('decodeMagnetLink', () => {
  it('reads what encodeMagnetLink writes', () => {
    const { trackers, peers, webSeeds } = parts
    expect(decodeMagnetLink(link)).toEqual({ infoHash, displayName: communityId, trackers, peers, webSeeds })
  })

  it('takes the info hash in hex of either case and in base32', () => {
    expect(decodeMagnetLink(`MAGNET:?xt=URN:BTIH:${infoHash.toUpperCase()}`).infoHash).toBe(infoHash)
    expect(decodeMagnetLink('magnet:?xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH').infoHash).toBe(infoHash)
    expect(decodeMagnetLink(`magnet:?xt.1=urn:btmh:1220ab&xt.2=urn%3Abtih%3A${infoHash}`).infoHash).toBe(infoHash)
  })

  it('needs nothing but the info hash', () => {
    expect(decodeMagnetLink(`magnet:?xt=urn:btih:${infoHash}`)).toEqual({
      infoHash,
      trackers: [],
      peers: [],
      webSeeds: [],
    })
  })

  it('refuses a link without an info hash, or with two', () => {
    for (const text of ['', 'magnet:', 'http://x', `magnet:xt=urn:btih:${infoHash}`])
      expect(() => decodeMagnetLink(text)).toThrow(expect.objectContaining({ part: 'scheme' }))
    const other = infoHash.replace('0', '1')
    for (const query of [
      '',
      'xt',
      'xt=urn:btih:',
      `xt=urn:btih:${infoHash}0`,
      'xt=urn:sha1:x',
      `xt=urn:btih:${infoHash}&xt=urn:btih:${other}`,
    ])
      expect(() => decodeMagnetLink(`magnet:?${query}`)).toThrow(expect.objectContaining({ part: 'xt' }))
  })

  it('leaves out what no client can use: other schemes, ports that are none, broken encoding', () => {
    const query = 'tr=file%3A%2F%2F%2Fetc&tr=%ZZ&tr=x&x.pe=a%3A0&x.pe=a%3A99999&x.pe=..%2F..&ws=udp%3A%2F%2Fa&dn=%FF&dn'
    expect(decodeMagnetLink(`magnet:?xt=urn:btih:${infoHash}&${query}`)).toEqual({
      infoHash,
      trackers: [],
      peers: [],
      webSeeds: [],
    })
  })

  it('takes an address once, and a display name as any text', () => {
    const tracker = 'tr=udp%3A%2F%2Fa%3A1'
    expect(decodeMagnetLink(`magnet:?xt=urn:btih:${infoHash}&${tracker}&${tracker}&dn=..%2Fa+b`)).toMatchObject({
      displayName: '../a b',
      trackers: ['udp://a:1'],
    })
  })

  it('is bounded in length and in addresses', () => {
    expect(() => decodeMagnetLink(`${link}&${'a'.repeat(70_000)}`)).toThrow(MagnetLinkError)
    const trackers = Array.from({ length: 101 }, (_, i) => `&tr=udp%3A%2F%2Fa%3A${i + 1}`).join('')
    expect(() => decodeMagnetLink(`magnet:?xt=urn:btih:${infoHash}${trackers}`)).toThrow(
      expect.objectContaining({ part: 'tr' }),
    )
  })

  it('of any text gives a value with an info hash of 40 digits, or a typed error', () => {
    const changedLink = fc
      .tuple(fc.nat(link.length), fc.nat(20), fc.string({ maxLength: 5 }))
      .map(([at, length, put]) => link.slice(0, at) + put + link.slice(at + length))
    fc.assert(
      fc.property(fc.oneof(fc.string(), changedLink), (text) => {
        const value = valueOrError(() => decodeMagnetLink(text))
        expect(value instanceof ArchiveError ? infoHash : value.infoHash).toMatch(/^[0-9a-f]{40}$/)
      }),
      { numRuns: 2_000 },
    )
  })
})
