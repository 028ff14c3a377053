import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { encodeIndex } from '@annals/archive'
import { describe, expect, it } from 'vitest'
import { chatMessage, firstWeek, makeCommunity, makeTenWeeks, sealWeek, weekSeconds } from './testing/make-community.ts'
import { startWebSeed } from './testing/start-web-seed.ts'
import {
  FetchStalledError,
  openMemoryPieces,
  openReader,
  TorrentRefusedError,
  type ReaderPorts,
  type SwarmClient,
  type SwarmEvent,
} from './index.ts'

const portsWith = (pieces = openMemoryPieces()): ReaderPorts => ({ fetch, swarms: undefined, pieces })

const tenWeeks = await makeTenWeeks()
const weekAt = (week: number): string => {
  const from = firstWeek + week * weekSeconds
  return `${from}-${from + weekSeconds}`
}

/** Of the first piece of each request. */
function flipBit(file: string, bytes: Buffer): Buffer {
  if (file === 'data') bytes[7]! ^= 1
  return bytes
}

describe('a history behind a web seed alone', () => {
  it('costs the index and the week that is opened, and nothing else', async () => {
    await using seed = await startWebSeed([tenWeeks])
    const ports = portsWith()
    await using reader = openReader({ link: tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)] }), ports })
    await reader.opened
    expect(reader.state).toMatchObject({ phase: 'ready', signature: { kind: 'not-signed' } })
    expect(reader.state.weeks).toHaveLength(10)
    expect(seed.sentBytes).toBe(tenWeeks.index.length)

    const week = await reader.openWeek(weekAt(4))
    expect(week).toMatchObject({ phase: 'open', messages: 3, hereBytes: week.sizeBytes })
    expect(seed.sentBytes).toBe(tenWeeks.index.length + week.sizeBytes)
    expect(reader.state.bytes.fromWebSeeds).toBe(seed.sentBytes + tenWeeks.infoBytes.length)
    expect(reader.messages(week.id).map(({ text }) => text.slice(0, 20))).toContain('week 4 begins')
    expect(reader.state.weeks.filter(({ hereBytes }) => hereBytes > 0)).toHaveLength(1)
  })

  it('is opened from what was kept, without a byte over the wire', async () => {
    await using seed = await startWebSeed([tenWeeks])
    const ports = portsWith()
    const link = tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)] })
    {
      await using reader = openReader({ link, ports })
      await reader.openWeek(weekAt(0))
    }
    const sentBytes = seed.sentBytes
    await using again = openReader({ link: tenWeeks.magnetLink(), ports })
    expect((await again.openWeek(weekAt(0))).messages).toBe(3)
    expect(seed.sentBytes).toBe(sentBytes)
  })

  it('needs only what is new when it has grown', async () => {
    const grown = await makeTenWeeks(11)
    await using seed = await startWebSeed([tenWeeks, grown])
    const ports = portsWith()
    {
      await using reader = openReader({ link: tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)] }), ports })
      await reader.openWeek(weekAt(3))
    }
    const before = seed.sentBytes
    await using reader = openReader({ link: grown.magnetLink({ webSeeds: [seed.url(grown)] }), ports })
    expect((await reader.openWeek(weekAt(3))).messages).toBe(3)
    expect(seed.sentBytes).toBe(before + grown.index.length)
  })

  it('has an altered piece refused, said, and fetched elsewhere', async () => {
    await using liar = await startWebSeed([tenWeeks], { change: flipBit })
    await using honest = await startWebSeed([tenWeeks])
    const events: SwarmEvent[] = []
    const webSeeds = [liar.url(tenWeeks), honest.url(tenWeeks)]
    await using reader = openReader({ link: tenWeeks.magnetLink({ webSeeds }), ports: portsWith() })
    reader.onEvent((event) => events.push(event))
    for (const week of [0, 1, 2]) {
      await reader.openWeek(weekAt(week))
      expect(reader.messages(weekAt(week)).map(({ text }) => text)).toContain(`week ${week} ends`)
    }
    expect(reader.state.refusedPieces).toBeGreaterThan(0)
    const refused = events.filter((event) => event.kind === 'piece-refused')
    expect(new Set(refused.map(({ from }) => from))).toEqual(new Set([liar.url(tenWeeks)]))
  })

  it('is not read at all where nobody has an honest piece, and says so', async () => {
    await using liar = await startWebSeed([tenWeeks], { change: flipBit })
    await using reader = openReader({
      link: tenWeeks.magnetLink({ webSeeds: [liar.url(tenWeeks)] }),
      ports: portsWith(),
    })
    await expect(reader.openWeek(weekAt(0))).rejects.toMatchObject({ constructor: FetchStalledError, step: 'week' })
    expect(reader.state.weeks[0]).toMatchObject({ phase: 'closed', messages: undefined })
    expect(() => reader.messages(weekAt(0))).toThrow(expect.objectContaining({ problem: 'not-open' }))
  })
})

const gzipped = { 'content-encoding': 'gzip' }
const bomb = gzipSync(Buffer.alloc(40_000_000))

/** A byte now and then, for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 50)
  response.once('close', () => clearInterval(timer))
}

describe('a web seed that does not do its part', () => {
  const hostile: readonly (readonly [string, (request: IncomingMessage, response: ServerResponse) => void])[] = [
    ['does not know ranges', (_, response) => response.writeHead(200).end(Buffer.alloc(1_000))],
    ['sends more than was asked for', (_, response) => response.writeHead(206).end(Buffer.alloc(40_000_000))],
    ['breaks off', (_, response) => response.writeHead(206).end(Buffer.alloc(100))],
    ['is not found', (_, response) => response.writeHead(404).end()],
    ['falls silent', (_, response) => response.writeHead(206).write('x')],
    ['drips', (_, response) => drip(response.writeHead(206))],
    ['sends what unpacks without end', (_, response) => response.writeHead(206, gzipped).end(bomb)],
    ['sends in a circle', ({ url }, response) => response.writeHead(302, { location: url }).end()],
  ]
  it.for(hostile)('is passed over, and said: %s', async ([, answer]) => {
    await using bad = await startWebSeed([tenWeeks], {
      answer(request, response) {
        if (request.url?.endsWith('/info') === true) return false
        answer(request, response)
        return true
      },
    })
    await using good = await startWebSeed([tenWeeks])
    const problems = new Set<string>()
    const said = Promise.withResolvers<void>()
    const link = tenWeeks.magnetLink({ webSeeds: [bad.url(tenWeeks), good.url(tenWeeks)] })
    await using reader = openReader({ link, ports: portsWith(), limits: { stallSeconds: 6 } })
    reader.onEvent((event) => {
      if (event.kind !== 'web-seed-problem') return
      problems.add(event.url)
      said.resolve()
    })
    await reader.openWeek(weekAt(0))
    expect(reader.messages(weekAt(0)).map(({ text }) => text)).toContain('week 0 ends')
    await said.promise
    expect([...problems]).toEqual([bad.url(tenWeeks)])
  })
})

/** A peer that sends blocks that nobody asked for, and no piece. */
const busybody: SwarmClient = {
  join({ listener }) {
    const timer = setInterval(() => listener.received(16_384), 10)
    return {
      peers: 1,
      fetchInfo: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      start: async () => {},
      want: () => {},
      seed: () => {},
      [Symbol.asyncDispose]: async () => clearInterval(timer),
    }
  },
  [Symbol.asyncDispose]: async () => {},
}

it('a peer that sends much and brings nothing keeps nobody from asking a web seed', async () => {
  await using seed = await startWebSeed([tenWeeks])
  const link = tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)], trackers: ['wss://tracker.example'] })
  const ports = { ...portsWith(), swarms: busybody }
  await using reader = openReader({ link, ports, limits: { stallSeconds: 6, peersFirstSeconds: 0.1 } })
  await reader.openWeek(weekAt(0))
  expect(reader.messages(weekAt(0)).map(({ text }) => text)).toContain('week 0 ends')
})

describe('a torrent that is none of a community', () => {
  it('is refused before anything is made of it', async () => {
    const foreign = { ...tenWeeks, infoBytes: new TextEncoder().encode('d4:name3:fooe') }
    await using seed = await startWebSeed([foreign])
    await using reader = openReader({
      link: tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)] }),
      ports: portsWith(),
    })
    await expect(reader.opened).rejects.toMatchObject({ constructor: FetchStalledError, step: 'info' })
    expect(reader.state).toMatchObject({ phase: 'failed', error: { constructor: FetchStalledError } })
  })

  it('is refused where it is another community’s than the link says', async () => {
    await using seed = await startWebSeed([tenWeeks])
    const other = `0x02${'ab'.repeat(32)}`
    const link = tenWeeks.magnetLink({ webSeeds: [seed.url(tenWeeks)] }).replace(tenWeeks.communityId, other)
    await using reader = openReader({ link, ports: portsWith() })
    await expect(reader.opened).rejects.toBeInstanceOf(TorrentRefusedError)
  })
})

describe('a hostile index', () => {
  it('leads nobody out of the torrent', async () => {
    const good = await sealWeek([chatMessage({ timestamp: firstWeek, text: 'good' })])
    const { entries, ...rest } = makeCommunity([good], (entries) => {
      const [entry] = entries
      const far = { ...entry!, offsetBytes: 2 ** 50, from: 1, to: 2 }
      const huge = { ...entry!, sizeBytes: 2 ** 40, from: 2, to: 3 }
      const late = { ...entry!, from: 3, to: 2 ** 53 - 1 }
      return encodeIndex([...entries, far, huge, late])
    })
    const community = { entries, ...rest }
    await using seed = await startWebSeed([community])
    await using reader = openReader({
      link: community.magnetLink({ webSeeds: [seed.url(community)] }),
      ports: portsWith(),
    })
    await reader.opened
    expect(reader.state.weeks.map(({ id }) => id)).toEqual([weekAt(0)])
    expect(reader.state.rejectedEntries).toBe(3)
    await reader.openWeek(weekAt(0))
    expect(reader.messages(weekAt(0))).toMatchObject([{ text: 'good' }])
  })
})
