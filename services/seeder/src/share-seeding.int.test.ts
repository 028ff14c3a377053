import type { ServiceContext } from '@annals/service'
import type { Peer, TestNode } from '@annals/service/testing'
import {
  addControlled,
  appendArchive,
  log,
  messageOf,
  openPeer,
  openTestNode,
  torrentOf,
  waitForEvent,
} from '@annals/service/testing'
import { servings } from '@annals/storage'
import { describe, expect, it, vi } from 'vitest'
import { seeder } from './seeder.ts'

const env = { ANNALS_TAKE_OVER_SECONDS: '2' }
const patience = { timeout: 60_000, interval: 50 }

async function append(context: ServiceContext, communityId: string, from: number): Promise<string> {
  await appendArchive(context, communityId, [messageOf(communityId, from + 1)], from)
  return torrentOf(context, communityId)
}

async function communitiesWithArchives(node: TestNode, count: number): Promise<string[]> {
  const communities: string[] = []
  for (let number = 1; number <= count; number += 1) {
    const communityId = await addControlled(node.context, number)
    await append(node.context, communityId, 1_000)
    communities.push(communityId)
  }
  return communities
}

function served({ context }: Peer, communityId: string): string[] {
  return context.torrents
    .seeding()
    .filter((each) => each.communityId === communityId)
    .map(({ infoHash }) => infoHash)
}

/** How many of the peers serve each of the communities. */
function counts(peers: readonly Peer[], communities: readonly string[]): number[] {
  return communities.map((each) => peers.filter((peer) => served(peer, each).length > 0).length)
}

describe('several seeders', () => {
  it('serve each community twice, take over from one that dies, and go on when it is back', async () => {
    await using node = await openTestNode({ env })
    const communities = await communitiesWithArchives(node, 6)
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    await using c = await openPeer(node, 'c')
    const peers = [a, b, c]
    await Promise.all(peers.map((peer) => peer.start(seeder)))
    const two = communities.map(() => 2)
    await vi.waitFor(() => expect(counts(peers, communities)).toEqual(two), patience)
    const before = communities.map((each) => peers.map((peer) => served(peer, each).length))

    c.reachesStore(false)
    await vi.waitFor(() => expect(counts([a, b], communities)).toEqual(two), patience)
    c.reachesStore(true)
    await vi.waitFor(
      () => expect(communities.map((each) => peers.map((peer) => served(peer, each).length))).toEqual(before),
      patience,
    )
    for (const communityId of communities) {
      const seedingEvents = (await log(node.context, communityId)).filter((id) => /^(SeedingStarted|Unseeded)/.test(id))
      expect(seedingEvents).toEqual([`SeedingStarted/${await torrentOf(node.context, communityId)}/1`])
    }
  })

  it('hand a community over only when those who take it serve it', async () => {
    await using node = await openTestNode({ env: { ...env, ANNALS_SEED_REPLICAS: '1' } })
    const communities = await communitiesWithArchives(node, 6)
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    const gaps: string[] = []
    const unseed = a.context.torrents.unseed.bind(a.context.torrents)
    a.context.torrents.unseed = async (communityId, infoHash) => {
      if (served(b, communityId).length === 0) gaps.push(communityId)
      await unseed(communityId, infoHash)
    }
    await a.start(seeder)
    await vi.waitFor(() => expect(counts([a], communities)).toEqual(communities.map(() => 1)), patience)
    await b.start(seeder)
    const one = communities.map(() => 1)
    await vi.waitFor(() => expect(counts([a, b], communities)).toEqual(one), patience)
    expect(communities.some((each) => served(b, each).length === 1)).toBe(true)
    expect(gaps).toEqual([])
    const expected = communities.map((each) => `${each}/${served(a, each).length === 1 ? 'a' : 'b'}`).toSorted()
    await vi.waitFor(async () => {
      const rows: string[] = []
      for await (const { id } of node.context.state.collection(servings).list()) rows.push(id)
      expect(rows.toSorted()).toEqual(expected)
    }, patience)
  })

  it('serve on when they are told to stop, until another one serves what they alone served', async () => {
    await using node = await openTestNode({ env: { ...env, ANNALS_SEED_REPLICAS: '1' } })
    const communities = await communitiesWithArchives(node, 6)
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    const [leaving] = await Promise.all([a, b].map((peer) => peer.start(seeder)))
    const one = communities.map(() => 1)
    await vi.waitFor(() => expect(counts([a, b], communities)).toEqual(one), patience)
    expect(communities.some((each) => served(a, each).length === 1)).toBe(true)
    await leaving?.[Symbol.asyncDispose]()
    expect(counts([b], communities)).toEqual(one)
  })

  it('do not let go for the word of one that has been started again and serves nothing yet', async () => {
    await using node = await openTestNode({ env: { ...env, ANNALS_SEED_REPLICAS: '1' } })
    const communities = await communitiesWithArchives(node, 6)
    await using a = await openPeer(node, 'a')
    await a.start(seeder)
    // As after a kill: the word of `b` stands, its torrents are gone.
    const rows = node.context.state.collection(servings)
    for (const each of communities) await rows.put(`${each}/b`, { infoHash: await torrentOf(node.context, each) }, 0)
    await using b = await openPeer(node, 'b')
    const gaps: string[] = []
    const unseed = a.context.torrents.unseed.bind(a.context.torrents)
    a.context.torrents.unseed = async (communityId, infoHash) => {
      if (served(b, communityId).length === 0) gaps.push(communityId)
      await unseed(communityId, infoHash)
    }
    await b.start(seeder)
    const one = communities.map(() => 1)
    await vi.waitFor(() => expect(counts([a, b], communities)).toEqual(one), patience)
    expect(communities.some((each) => served(b, each).length === 1)).toBe(true)
    expect(gaps).toEqual([])
  })

  it('move together to a newer torrent, which is told once', async () => {
    await using node = await openTestNode({ env })
    const [communityId = ''] = await communitiesWithArchives(node, 1)
    const first = await torrentOf(node.context, communityId)
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    await Promise.all([a, b].map((peer) => peer.start(seeder)))
    await vi.waitFor(
      () => expect([a, b].map((peer) => served(peer, communityId))).toEqual([[first], [first]]),
      patience,
    )
    const second = await append(node.context, communityId, 2_000)
    await waitForEvent(node.context, communityId, 'Unseeded')
    await vi.waitFor(
      () => expect([a, b].map((peer) => served(peer, communityId))).toEqual([[second], [second]]),
      patience,
    )
    const seedingEvents = (await log(node.context, communityId)).filter((id) => /^(SeedingStarted|Unseeded)/.test(id))
    expect(seedingEvents).toEqual([`SeedingStarted/${first}/1`, `SeedingStarted/${second}/2`, `Unseeded/${first}/2`])
  })
})
