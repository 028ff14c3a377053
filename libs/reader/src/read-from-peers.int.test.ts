import { startTracker, type Tracker } from '@annals/torrents/tracker'
import { describe, expect, it } from 'vitest'
import { firstWeek, makeTenWeeks, weekSeconds } from './testing/make-community.ts'
import { openNodeSwarm, startLiar } from './testing/open-node-swarm.ts'
import { startWebSeed } from './testing/start-web-seed.ts'
import { openMemoryPieces, openReader, type ReaderLimits, type SwarmEvent } from './index.ts'

const tenWeeks = await makeTenWeeks()
const { index, infoBytes } = tenWeeks
const weekAt = (week: number): string => {
  const from = firstWeek + week * weekSeconds
  return `${from}-${from + weekSeconds}`
}

/** Any that a browser can talk to; the peers of these tests meet elsewhere. */
const trackers = ['ws://127.0.0.1:9/announce']

/** A page with a tab of its own: other peers, other pieces. */
async function openTab(tracker: Tracker, link: string, limits: Partial<ReaderLimits> = {}) {
  const swarms = await openNodeSwarm(tracker.announceUrl)
  const reader = openReader({
    link,
    ports: { fetch, swarms, pieces: openMemoryPieces() },
    limits: { stallSeconds: 120, ...limits },
  })
  return {
    reader,
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]()
      await swarms[Symbol.asyncDispose]()
    },
  }
}

describe('a history behind peers alone', () => {
  it('costs the index and the week that is opened, and goes from page to page when the seeder is gone', async () => {
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using webSeed = await startWebSeed([tenWeeks])
    const link = tenWeeks.magnetLink({ trackers })
    const seedLink = tenWeeks.magnetLink({ trackers, webSeeds: [webSeed.url(tenWeeks)] })

    const seeder = await openTab(tracker, seedLink, { peersFirstSeconds: 0 })
    await seeder.reader.fetchRest()
    await using first = await openTab(tracker, link)
    const week = await first.reader.openWeek(weekAt(6))
    expect(first.reader.messages(week.id).map(({ text }) => text)).toContain('week 6 ends')
    const pieceBytes = index.length + week.sizeBytes
    expect(first.reader.state.bytes).toEqual({
      fromPeers: infoBytes.length + pieceBytes,
      fromWebSeeds: 0,
      toPeers: 0,
    })
    expect(seeder.reader.state.bytes.toPeers).toBe(pieceBytes)
    await seeder[Symbol.asyncDispose]()

    await using second = await openTab(tracker, link)
    await second.reader.openWeek(weekAt(6))
    expect(second.reader.messages(week.id)).toEqual(first.reader.messages(week.id))
    expect(first.reader.state.bytes.toPeers).toBe(pieceBytes)
  })

  it('has a peer’s altered pieces refused and said, and reads them from the web seed', async () => {
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using webSeed = await startWebSeed([tenWeeks])
    await using _liar = await startLiar(tenWeeks, [tracker.announceUrl])
    const link = tenWeeks.magnetLink({ trackers, webSeeds: [webSeed.url(tenWeeks)] })
    await using tab = await openTab(tracker, link, { peersFirstSeconds: 200, stallSeconds: 100 })
    const { reader } = tab
    const events: SwarmEvent[] = []
    const connected = Promise.withResolvers<void>()
    reader.onEvent((event) => {
      events.push(event)
      if (event.kind === 'peers') connected.resolve()
    })
    await connected.promise
    await reader.openWeek(weekAt(0))
    expect(reader.messages(weekAt(0)).map(({ text }) => text)).toContain('week 0 ends')
    const refused = events.filter((event) => event.kind === 'piece-refused')
    expect(refused).not.toEqual([])
    expect(refused.every(({ source, from }) => source === 'webrtc' && from !== '')).toBe(true)
    expect(reader.state.refusedPieces).toBe(refused.length)
    // Whoever sends one altered piece is asked for no other.
    expect(refused).toHaveLength(1)
  })
})
