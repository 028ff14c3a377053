import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Community } from '../community/community.ts'
import type { LastDispatch } from './decide-dispatch.ts'
import type { Announcement } from './judge-announcement.ts'
import { initialCommunity } from '../community/community.ts'
import { decideDispatch } from './decide-dispatch.ts'
import { judgeAnnouncement } from './judge-announcement.ts'

const communityId = `0x02${'ab'.repeat(32)}`

function torrent(digit: string): { infoHash: string; magnetLink: string } {
  const infoHash = digit.repeat(40)
  return { infoHash, magnetLink: `magnet:?xt=urn:btih:${infoHash}` }
}

function announced(digit: string, clockMilliseconds: number): LastDispatch {
  return { ...torrent(digit), clockMilliseconds }
}

describe('dispatching', () => {
  it('announces a torrent with the time as its clock', () => {
    expect(decideDispatch(undefined, torrent('a'), 5_000)).toEqual({ clockMilliseconds: 5_000 })
    expect(decideDispatch(announced('a', 4_000), torrent('b'), 5_000)).toEqual({ clockMilliseconds: 5_000 })
  })

  it('announces a torrent once, however often it is told that it is seeded', () => {
    expect(decideDispatch(announced('a', 4_000), torrent('a'), 5_000)).toBe('already-dispatched')
  })

  it('announces a torrent again whose link has changed', () => {
    const changed = { ...torrent('a'), magnetLink: `${torrent('a').magnetLink}&tr=udp%3A%2F%2Ftracker` }
    expect(decideDispatch(announced('a', 4_000), changed, 5_000)).toEqual({ clockMilliseconds: 5_000 })
  })

  it('announces the same torrent again where it is to be repeated', () => {
    expect(decideDispatch(announced('a', 4_000), torrent('a'), 5_000, { again: true })).toEqual({
      clockMilliseconds: 5_000,
    })
    expect(decideDispatch(announced('a', 4_000), torrent('a'), 3_000, { again: true })).toEqual({
      clockMilliseconds: 4_001,
    })
  })

  it('gives clocks that grow, whatever the time does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1 }), (times) => {
        let last: LastDispatch | undefined
        for (const [at, now] of times.entries()) {
          const decided = decideDispatch(last, torrent(at % 2 === 0 ? 'a' : 'b'), now)
          if (decided === 'already-dispatched') throw new Error('another torrent was taken for the same')
          expect(decided.clockMilliseconds).toBeGreaterThan(last?.clockMilliseconds ?? -1)
          expect(decided.clockMilliseconds).toBeGreaterThanOrEqual(now)
          last = { ...torrent(at % 2 === 0 ? 'a' : 'b'), ...decided }
        }
      }),
    )
  })
})

describe('judging an announcement', () => {
  const member: Community = {
    ...initialCommunity(communityId),
    joined: true,
    archivingOn: true,
    lastSequence: 3,
  }
  const announcement: Announcement = { ...announced('b', 200), signerCommunityId: communityId }

  it('counts for a member of the community that archives', () => {
    expect(judgeAnnouncement(member, {}, announcement)).toBe('counts')
  })

  it.for<[string, Community | undefined, Announcement]>([
    ['unknown-community', undefined, announcement],
    ['unknown-community', initialCommunity(communityId), announcement],
    ['not-joined', { ...member, joined: false, archivingOn: false }, announcement],
    ['archiving-off', { ...member, archivingOn: false }, announcement],
    ['wrong-signer', member, { ...announcement, signerCommunityId: `0x03${'ab'.repeat(32)}` }],
    ['own-community', { ...member, controlNode: true }, announcement],
  ])('does not count: %s', ([ignored, community, each]) => {
    expect(judgeAnnouncement(community, {}, each)).toEqual({ ignored })
  })

  it('counts with a newer clock and another torrent than the one done last', () => {
    expect(judgeAnnouncement(member, { done: announced('a', 199) }, announcement)).toBe('counts')
    expect(judgeAnnouncement(member, { done: announced('a', 200) }, announcement)).toEqual({ ignored: 'old-clock' })
    expect(judgeAnnouncement(member, { done: announced('b', 199) }, announcement)).toEqual({ ignored: 'same-torrent' })
  })

  it('is nothing old where it is the very one done last or under way, come again by another way', () => {
    for (const earlier of [{ done: announced('b', 200) }, { wanted: announced('b', 200), done: announced('a', 100) }])
      expect(judgeAnnouncement(member, earlier, announcement)).toEqual({ ignored: 'same-torrent' })
  })

  it('is old where the community describes archives of a later one, and counts where it is the one described', () => {
    expect(judgeAnnouncement(member, { describedClockMilliseconds: 201 }, announcement)).toEqual({
      ignored: 'old-clock',
    })
    expect(judgeAnnouncement(member, { describedClockMilliseconds: 200 }, announcement)).toBe('counts')
  })

  it('replaces the one wanted if it is newer, and leaves a download of the same torrent under way', () => {
    const done = announced('a', 100)
    expect(judgeAnnouncement(member, { done, wanted: announced('c', 199) }, announcement)).toBe('counts')
    expect(judgeAnnouncement(member, { done, wanted: announced('c', 200) }, announcement)).toEqual({
      ignored: 'old-clock',
    })
    expect(judgeAnnouncement(member, { done, wanted: announced('b', 199) }, announcement)).toEqual({
      ignored: 'same-torrent',
    })
  })

  it('of announcements in any order, each that counts is newer than the one before', () => {
    const some = fc.array(fc.record({ clock: fc.nat({ max: 30 }), digit: fc.constantFrom('a', 'b', 'c', 'd') }))
    fc.assert(
      fc.property(some, (announcements) => {
        let wanted: LastDispatch | undefined
        for (const { clock, digit } of announcements) {
          const each = { ...announced(digit, clock), signerCommunityId: communityId }
          if (judgeAnnouncement(member, { wanted }, each) !== 'counts') continue
          expect(each.clockMilliseconds).toBeGreaterThan(wanted?.clockMilliseconds ?? -1)
          wanted = each
        }
      }),
    )
  })
})
