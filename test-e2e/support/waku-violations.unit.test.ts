import { describe, expect, it } from 'vitest'
import type { NodeOutcome, WakuOutcome } from './waku-outcome.ts'
import { violationsOf } from './waku-violations.ts'

const communityId = `0x02${'ab'.repeat(32)}`
const announcement = (number: number) => ({ communityId, clockMilliseconds: number, magnetLink: `link ${number}` })
const node: NodeOutcome = {
  held: ['h1 one', 'h2 two'],
  archives: [],
  infoHash: 'b2',
  magnetLink: 'link 2',
  sealedLinks: ['link 1', 'link 2'],
  unhandled: [],
  dataDigest: 'd',
  indexDigest: 'i',
  differences: [],
}
const right: WakuOutcome = {
  communityId,
  weeksLived: 2,
  said: ['h1 one', 'h2 two'],
  doubtful: ['h3 three'],
  stored: new Set(['h1', 'h2']),
  announced: [announcement(1), announcement(2)],
  control: node,
  reader: node,
  listener: node,
}
/** The same on every node. */
const everywhere = (change: Partial<NodeOutcome>): Partial<WakuOutcome> => {
  const changed = { ...node, ...change }
  return { control: changed, reader: changed, listener: changed }
}

describe('violationsOf', () => {
  it('finds nothing in what is right, be what came to no store in time held or not', () => {
    expect(violationsOf(right)).toEqual([])
    expect(violationsOf({ ...right, ...everywhere({ held: ['h1 one', 'h2 two', 'h3 three'] }) })).toEqual([])
  })

  it.each<[string, Partial<WakuOutcome>, number]>([
    ['a message that is lost', everywhere({ held: ['h1 one'] }), 2],
    ['a message that only a store has', { stored: new Set(['h1', 'h2', 'h4']) }, 1],
    ['a message that is held twice', everywhere({ held: ['h1 one', 'h2 two', 'h2 two'] }), 1],
    ['a message that nobody said', everywhere({ held: ['h1 one', 'h2 two', 'h5 five'] }), 1],
    ['a member that lacks a message', { reader: { ...node, held: ['h1 one'] } }, 1],
    ['archives of a member that have other bytes', { listener: { ...node, dataDigest: 'e', indexDigest: 'j' } }, 2],
    ['a member that has an older torrent', { reader: { ...node, infoHash: 'b1', magnetLink: 'link 1' } }, 2],
    [
      'archives that are announced twice',
      { announced: [announcement(1), announcement(2), { ...announcement(2), clockMilliseconds: 3 }] },
      1,
    ],
    [
      'two announcements of one clock',
      { announced: [{ ...announcement(1), clockMilliseconds: 2 }, announcement(2)] },
      1,
    ],
    ['an announcement of what was never sealed', everywhere({ sealedLinks: ['link 2'] }), 1],
    ['archives that are not announced', { announced: [announcement(1)] }, 1],
    [
      'an announcement that another key signed',
      { announced: [{ ...announcement(1), communityId: 'other' }, announcement(2)] },
      1,
    ],
    ['an event that is not handled', { listener: { ...node, unhandled: ['an event'] } }, 1],
    ['a state that is not what its log says', { control: { ...node, differences: [{}] } }, 1],
  ])('finds %s', (_, change, violations) => {
    expect(violationsOf({ ...right, ...change })).toHaveLength(violations)
  })
})
