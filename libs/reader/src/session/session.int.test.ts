import { createGroupKey, createInstallationId, encryptForGroup, fromHex, RatchetCache, toHex } from '@annals/crypto'
import { encodeIndex } from '@annals/archive'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  channelId,
  chatMessage,
  communityId,
  firstWeek,
  makeCommunity,
  messageIdOf,
  noise,
  sealWeek,
  weekSeconds,
  type MadeCommunity,
} from '../testing/make-community.ts'
import { startWebSeed, type TestWebSeed } from '../testing/start-web-seed.ts'
import { NoSourceError, ReaderClosedError, StorageFullError, UnknownWeekError } from '../errors.ts'
import { openMemoryPieces } from '../pieces/open-memory-pieces.ts'
import { openReader } from './open-reader.ts'

const weekAt = (week: number): string => `${firstWeek + week * weekSeconds}-${firstWeek + (week + 1) * weekSeconds}`
const hello = chatMessage({ timestamp: firstWeek + 100, text: 'hello <script>alert(1)</script> & "you"' })
const answer = chatMessage({ timestamp: firstWeek + 200, text: 'hi', by: 'bob', replyTo: messageIdOf(hello) })

let community: MadeCommunity
let seed: TestWebSeed
beforeAll(async () => {
  const texts = ['one', 'two', 'three']
  const weeks = texts.map(async (text, at) => {
    const from = firstWeek + (at + 1) * weekSeconds
    const messages = [
      chatMessage({ timestamp: from + 5, text }),
      chatMessage({ timestamp: from + 9, text: noise(text, 150_000) }),
    ]
    return sealWeek(messages, from)
  })
  community = makeCommunity([await sealWeek([hello, answer]), ...(await Promise.all(weeks))])
  seed = await startWebSeed([community], {
    answer(request, response) {
      if (request.url !== `/api/v1/public/communities/${communityId}`) return false
      const magnetLink = community.magnetLink({ webSeeds: [seed.url(community)] })
      const announcement = Buffer.from(community.announcement(magnetLink)).toString('base64')
      const channels = [{ channelId, name: 'general' }, { channelId: 'unnamed' }]
      response.end(JSON.stringify({ communityId, name: 'Home', magnetLink, announcement, channels }))
      return true
    },
  })
})
afterAll(async () => {
  await seed[Symbol.asyncDispose]()
})

const open = (pieces = openMemoryPieces()) =>
  openReader({ link: `${seed.origin}/#/read/${communityId}`, ports: { fetch, swarms: undefined, pieces } })

describe('a community’s public link', () => {
  it('opens what the community signed', async () => {
    await using reader = open()
    await reader.opened
    const magnetLink = community.magnetLink({ webSeeds: [seed.url(community)] })
    expect(reader.state).toMatchObject({
      phase: 'ready',
      name: 'Home',
      communityId,
      infoHash: community.infoHash,
      signature: { kind: 'signed', communityId, clockMilliseconds: 1_704_067_200_123, magnetLink },
    })
  })

  it('names the channels as the node does', async () => {
    await using reader = open()
    await reader.openWeek(weekAt(0))
    expect(reader.channels()).toEqual([{ channelId, name: 'general', messages: 2 }])
    const { blob } = await reader.exportWeek(weekAt(0), 'json')
    expect(JSON.parse(await blob.text())).toMatchObject({ messages: [{ channelId, channelName: 'general' }, {}] })
  })

  it('leaves nothing kept that is not in what was signed', async () => {
    const pieces = openMemoryPieces()
    await pieces.write(communityId, 'ab'.repeat(20), new Uint8Array(1_000))
    await using reader = open(pieces)
    await reader.opened
    expect(await pieces.sizeBytes()).toBe(community.index.length)
  })

  it('tells those who look that there is something new', async () => {
    await using reader = open()
    const ready = Promise.withResolvers<void>()
    const phases: string[] = []
    const stop = reader.subscribe(() => {
      phases.push(reader.state.phase)
      if (reader.state.phase === 'ready') ready.resolve()
    })
    await ready.promise
    stop()
    expect(phases.at(-1)).toBe('ready')
    expect(reader.state).toBe(reader.state)
  })
})

describe('a reader', () => {
  it('lists messages by week, channel and place, with the message that is answered', async () => {
    await using reader = open()
    expect(() => reader.messages(weekAt(0))).toThrow(UnknownWeekError)
    await reader.openWeek(weekAt(0))
    expect(reader.messages(weekAt(0), { limit: 1, offset: 1 })).toMatchObject([{ text: 'hi' }])
    expect(reader.messages(weekAt(0), { channelId: 'none' })).toEqual([])
    const [, second] = reader.messages(weekAt(0))
    expect(reader.find(second?.replyTo ?? '')).toMatchObject({ message: { text: expect.stringContaining('hello') } })
    reader.closeWeek(weekAt(0))
    expect(() => reader.messages(weekAt(0))).toThrow(expect.objectContaining({ problem: 'not-open' }))
    await expect(reader.openWeek('1-2')).rejects.toMatchObject({
      constructor: UnknownWeekError,
      problem: 'not-in-index',
    })
  })

  it('jumps to a date, to the next week there is, or to the last', async () => {
    await using reader = open()
    const jump = (seconds: number) => reader.jumpTo(seconds * 1000)
    expect(await jump(firstWeek + 150)).toEqual({ weekId: weekAt(0), messageId: messageIdOf(answer), position: 1 })
    expect(await jump(0)).toMatchObject({ weekId: weekAt(0), position: 0 })
    expect(await jump(firstWeek + 900 * weekSeconds)).toEqual({ weekId: weekAt(3), messageId: undefined, position: 2 })
    expect(reader.state.weeks.filter(({ phase }) => phase === 'open')).toHaveLength(2)
  })

  it('searches what is open, and fetches the rest if it is asked to', async () => {
    await using reader = open()
    await reader.openWeek(weekAt(0))
    expect(await reader.search('two')).toEqual([])
    const shares: number[] = []
    const fetched = await reader.fetchRest({ onProgress: (at) => shares.push(at.hereBytes / at.wantedBytes) })
    expect(fetched).toEqual({ openWeeks: 4, keptWeeks: 0 })
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(await reader.search('two')).toMatchObject([{ weekId: weekAt(2) }])
  })

  it('stops fetching when it is told to, and keeps what came', async () => {
    await using reader = open()
    const stop = new AbortController()
    const reason = new Error('enough')
    const fetching = reader.fetchRest({ signal: stop.signal, onProgress: () => stop.abort(reason) })
    await expect(fetching).rejects.toBe(reason)
    expect(reader.state.weeks.some(({ phase }) => phase === 'opening')).toBe(false)
    expect(await reader.openWeek(weekAt(3))).toMatchObject({ messages: 2 })
  })

  it('fetches a kept piece anew that was damaged', async () => {
    const pieces = openMemoryPieces()
    {
      await using reader = open(pieces)
      await reader.openWeek(weekAt(1))
    }
    for (const hash of await pieces.list(communityId)) (await pieces.read(communityId, hash))!.fill(7)
    await using reader = open(pieces)
    await reader.openWeek(weekAt(1))
    expect(reader.messages(weekAt(1)).map(({ text }) => text)).toContain('one')
  })

  it('fetches anew what another tab has forgotten meanwhile', async () => {
    const pieces = openMemoryPieces()
    await using reader = open(pieces)
    await reader.openWeek(weekAt(1))
    reader.closeWeek(weekAt(1))
    const other = open(pieces)
    await other.opened
    await other.forget()
    await reader.openWeek(weekAt(1))
    expect(reader.messages(weekAt(1))).toHaveLength(2)
    expect(reader.state.storageProblem).toBeUndefined()
  })

  it('reads on where there is no room to keep anything, and says so', async () => {
    await using reader = open(openMemoryPieces({ maxBytes: 1_000 }))
    await reader.openWeek(weekAt(1))
    expect(reader.messages(weekAt(1))).toHaveLength(2)
    expect(reader.state.storageProblem).toBeInstanceOf(StorageFullError)
    expect(reader.state.weeks[1]).toMatchObject({ phase: 'open', hereBytes: 0 })
  })

  it('forgets all of a community', async () => {
    const pieces = openMemoryPieces()
    const reader = open(pieces)
    await reader.openWeek(weekAt(0))
    expect(await pieces.sizeBytes()).toBeGreaterThan(0)
    await reader.forget()
    expect(await pieces.sizeBytes()).toBe(0)
    expect(reader.state.phase).toBe('closed')
    await expect(reader.openWeek(weekAt(1))).rejects.toBeInstanceOf(ReaderClosedError)
  })

  it('says that a link names nobody to fetch from', async () => {
    const link = community.magnetLink({ trackers: ['udp://tracker.example:1'] })
    await using reader = openReader({ link, ports: { fetch, swarms: undefined, pieces: openMemoryPieces() } })
    await expect(reader.opened).rejects.toBeInstanceOf(NoSourceError)
  })

  it('can be closed at any moment', async () => {
    const reader = open()
    await reader[Symbol.asyncDispose]()
    await expect(reader.opened).rejects.toBeInstanceOf(ReaderClosedError)
    await reader[Symbol.asyncDispose]()
  })
})

describe('an exported week', () => {
  it('is JSON, NDJSON, or a page in which nothing runs', async () => {
    await using reader = open()
    await reader.openWeek(weekAt(0))
    const files = Object.fromEntries(
      await Promise.all(
        (['json', 'ndjson', 'html'] as const).map(async (format) => {
          const { blob, fileName } = await reader.exportWeek(weekAt(0), format)
          expect(fileName).toBe(`${communityId.slice(0, 12)}-2024-01-01-2024-01-08.${format}`)
          return [format, await blob.text()] as const
        }),
      ),
    )
    const document = JSON.parse(files['json'] ?? '') as { messages: { text: string }[] }
    expect(document).toMatchObject({
      communityId,
      signature: { kind: 'signed' },
      counts: { total: 2, chat: 2 },
      messages: [{ time: '2024-01-01T00:01:40.000Z' }, { replyTo: messageIdOf(hello) }],
    })
    expect(document.messages[0]?.text).toBe('hello <script>alert(1)</script> & "you"')
    const lines = (files['ndjson'] ?? '').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(document.messages)
    expect(files['html']).not.toMatch(/<script|<img|<link|href=|src=/)
    expect(files['html']).toContain('hello &#60;script&#62;')
  })
})

describe('an encrypted community', () => {
  const key = createGroupKey({
    groupId: fromHex(communityId),
    nowMilliseconds: firstWeek * 1000,
    lastTimestampMilliseconds: undefined,
    randomBytes: new Uint8Array(48).fill(5),
  })
  const keyText = `${toHex(key.secret())} ${key.timestampMilliseconds}`

  async function makeEncrypted(): Promise<MadeCommunity> {
    const options = { key, installationId: createInstallationId(), ratchet: new RatchetCache() }
    const week = await sealWeek([hello])
    const archive = (await encryptForGroup(week.encoded, { ...options, seqNo: 1 })).bytes
    const weeks = [{ ...week, encoded: archive }]
    const { entries } = makeCommunity(weeks)
    const index = (await encryptForGroup(encodeIndex(entries), { ...options, seqNo: 2 })).bytes
    return makeCommunity(weeks, () => index)
  }

  it('asks for its key, reads with it, and keeps it only if it is told to', async () => {
    const encrypted = await makeEncrypted()
    await using webSeed = await startWebSeed([encrypted])
    const pieces = openMemoryPieces()
    const link = encrypted.magnetLink({ webSeeds: [webSeed.url(encrypted)] })
    const ports = { fetch, swarms: undefined, pieces }
    for (const keep of [false, true]) {
      await using reader = openReader({ link, ports })
      await reader.opened
      expect(reader.state).toMatchObject({ phase: 'waits-for-key', missingKeys: [`0x${key.keyIdText()}`], weeks: [] })
      await expect(reader.openWeek(weekAt(0))).rejects.toBeInstanceOf(UnknownWeekError)
      expect(await reader.addKeys(keyText, { keep })).toBe(1)
      expect(reader.state).toMatchObject({ phase: 'ready', missingKeys: [] })
      await reader.openWeek(weekAt(0))
      expect(reader.messages(weekAt(0))).toHaveLength(1)
      expect(await reader.addKeys(keyText)).toBe(0)
    }
    await using again = openReader({ link, ports })
    await again.opened
    expect(again.state.phase).toBe('ready')
    const secret = toHex(key.secret()).slice(2)
    expect(webSeed.requests.join()).not.toContain(secret)
    expect(JSON.stringify(again.state)).not.toContain(secret)
  })
})
