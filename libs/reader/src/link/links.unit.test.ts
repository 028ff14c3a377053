import { encodeMagnetMessage } from '@annals/crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { communityId, communityKey, memberKey } from '../testing/make-community.ts'
import { AnnouncementRefusedError, PublicLinkError, ReaderLinkError } from '../errors.ts'
import { checkAnnouncement } from './check-announcement.ts'
import { parseLink } from './parse-link.ts'
import { parsePublicCommunity } from './public-community.ts'
import { resolveLink } from './resolve-link.ts'

const infoHash = 'ab'.repeat(20)
const magnetLink = `magnet:?xt=urn:btih:${infoHash}&dn=${communityId}`
const apiUrl = `https://annals.example/api/v1/public/communities/${communityId}`

const announce = (privateKey: Uint8Array, link = magnetLink) =>
  encodeMagnetMessage({ privateKey, clockMilliseconds: 5, magnetLink: link })

const resolve = (json: string, status = 200) =>
  resolveLink(parseLink(apiUrl), {
    fetch: async () => new Response(json, { status }),
    signal: new AbortController().signal,
  })

describe('a link', () => {
  it('may be a magnet link, with a community or without', () => {
    expect(parseLink(` ${magnetLink}\n`)).toMatchObject({ kind: 'magnet', communityId, magnetLink: { infoHash } })
    expect(parseLink(`magnet:?xt=urn:btih:${infoHash}&dn=foo`)).toMatchObject({
      kind: 'magnet',
      communityId: undefined,
    })
  })

  it.for([
    apiUrl,
    `https://annals.example/#/read/${communityId}`,
    `https://annals.example/c/${communityId.toUpperCase().replace('0X', '0x')}?token=secret`,
  ])('may be an address with a community in it: %s', (link) => {
    expect(parseLink(link)).toEqual({ kind: 'public', apiUrl, communityId })
  })

  it.for([
    '',
    'foo',
    'magnet:?xt=foo',
    'javascript:alert(1)',
    'https://annals.example/',
    `ftp://annals.example/${communityId}`,
    `https://me:secret@annals.example/${communityId}`,
    'data:text/html,<script>',
  ])('is refused where it is none: %s', (link) => {
    expect(() => parseLink(link)).toThrow(ReaderLinkError)
    expect(() => parseLink(link)).not.toThrow('secret')
  })

  it('of any text is a link or a typed error', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'magnet:?', 'https://x/'), (text, start) => {
        expect(linkOrError(start + text)).toBeDefined()
      }),
    )
  })
})

function linkOrError(text: string): unknown {
  try {
    return parseLink(text)
  } catch (error) {
    if (error instanceof ReaderLinkError) return error
    throw error
  }
}

describe('an announcement', () => {
  const expected = { communityId, infoHash }

  it('says who signed what, by which clock', () => {
    expect(checkAnnouncement(announce(communityKey), expected)).toEqual({
      kind: 'signed',
      communityId,
      clockMilliseconds: 5,
      magnetLink,
    })
  })

  it('is refused where another key signed it, another torrent is announced, or a byte differs', () => {
    const altered = announce(communityKey)
    altered[altered.length - 10]! ^= 1
    const cases: [AnnouncementRefusedError['problem'], Uint8Array][] = [
      ['foreign-signer', announce(memberKey('mallory'))],
      ['foreign-signer', altered],
      ['other-torrent', announce(communityKey, magnetLink.replaceAll('ab', 'cd'))],
      ['unreadable', announce(communityKey, 'no link')],
      ['unreadable', Uint8Array.of(1, 2, 3)],
    ]
    for (const [problem, announcement] of cases)
      expect(() => checkAnnouncement(announcement, expected)).toThrow(
        expect.objectContaining({ constructor: AnnouncementRefusedError, problem }),
      )
  })
})

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** A space now and then, for ever. */
function drops(signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      const timer = setInterval(() => controller.enqueue(Uint8Array.of(32)), 5)
      signal.addEventListener('abort', () => {
        clearInterval(timer)
        controller.error(signal.reason)
      })
    },
  })
}

describe('what a node says of a community', () => {
  const announcement = Buffer.from(encodeMagnetMessage({ privateKey: communityKey, clockMilliseconds: 5, magnetLink }))
  const answer = (fields: object = {}) => JSON.stringify({ communityId, name: 'Home', magnetLink, ...fields })

  it('is checked, and names where the bytes are to be had', async () => {
    const webSeeds = ['https://annals.example/seeds/', 'ftp://no', 'javascript:no']
    const trackers = ['wss://annals.example/announce', 'udp://tracker.example:1']
    const json = answer({ announcement: announcement.toString('base64'), webSeeds, trackers })
    expect(await resolve(json)).toMatchObject({
      infoHash,
      communityId,
      name: 'Home',
      signature: { kind: 'signed', clockMilliseconds: 5 },
      webSeeds: webSeeds.slice(0, 1),
      trackers: trackers.slice(0, 1),
    })
  })

  it('is not signed where it was not announced yet', async () => {
    expect(await resolve(answer())).toMatchObject({ signature: { kind: 'not-signed' } })
  })

  it('is refused where the community did not sign it', async () => {
    const forged = encodeMagnetMessage({ privateKey: memberKey('mallory'), clockMilliseconds: 5, magnetLink })
    const json = answer({ announcement: Buffer.from(forged).toString('base64') })
    await expect(resolve(json)).rejects.toBeInstanceOf(AnnouncementRefusedError)
  })

  it.for([
    '',
    '[]',
    'null',
    answer({ magnetLink: '' }),
    answer({ magnetLink: 5 }),
    answer({ magnetLink: 'magnet:?' }),
    answer({ webSeeds: 'x' }),
    answer({ announcement: '?' }),
    answer({ communityId: 'another' }),
    ' '.repeat(5_000_000),
  ])('is refused where it is nothing of use', async (json) => {
    await expect(resolve(json)).rejects.toBeInstanceOf(PublicLinkError)
  })

  it('says when the node says no', async () => {
    await expect(resolve('', 404)).rejects.toMatchObject({ constructor: PublicLinkError, status: 404, url: apiUrl })
  })

  it.for(['says nothing', 'comes drop by drop'])('is not waited for without end: %s', async (how) => {
    const fetch = async (_: unknown, { signal }: RequestInit = {}): Promise<Response> =>
      how === 'says nothing' ? never(signal!) : new Response(drops(signal!))
    const waiting = resolveLink(parseLink(apiUrl), {
      fetch,
      signal: new AbortController().signal,
      timeoutSeconds: 0.1,
    })
    await expect(waiting).rejects.toBeInstanceOf(PublicLinkError)
  })

  it('keeps what it names of channels as data', () => {
    const channels = [{ channelId: 'a', name: '<b>' }, { channelId: 5 }, null]
    expect(parsePublicCommunity(apiUrl, answer({ channels })).channels).toEqual([{ channelId: 'a', name: '<b>' }])
  })
})
