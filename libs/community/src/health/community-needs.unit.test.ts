import { describe, expect, it } from 'vitest'
import type { CommunityNeed, HealthFacts, NeedReason } from './community-needs.ts'
import { communityNeeds, compareByNeed, needReasons } from './community-needs.ts'

const well: HealthFacts = { archivesWaiting: 0, stores: [] }
const now = 1_000_000

const facts: Record<NeedReason, Partial<HealthFacts>> = {
  'waits-for-signature': { signatureAskedAt: 5 },
  'announcement-missing': { probe: { missingSince: 5 } },
  'not-seeded': { seeding: { infoHash: 'ab', seeders: 0 } },
  'archive-unreachable': { reach: { unreachableSince: 5, failure: 'no-peers' } },
  behind: { behind: { intervals: 2, since: 5 } },
  'download-fails': { download: { tries: 1, lastError: 'no peers', waitsForKey: false } },
  'waits-for-key': { archivesWaiting: 1 },
  'dead-letters': { deadLetters: { count: 3, since: 5 } },
  'messages-missing': { stores: [{ node: 'a', failure: '', missingMessages: 7, since: 5 }] },
  'stores-fail': { stores: [{ node: 'a', failure: 'refused', missingMessages: 0, since: 5 }] },
  'stores-silent': { probe: { unknownSince: 5 } },
  refusals: { forged: { count: 1, lastAt: now - 10 } },
}

describe('what a community needs a person for', () => {
  it('is nothing where all is well', () => {
    const fine: HealthFacts = {
      ...well,
      probe: {},
      reach: { failure: 'no-peers' },
      seeding: { infoHash: 'ab', seeders: 1 },
      behind: { intervals: 0, since: 5 },
      download: { tries: 0, lastError: '', waitsForKey: false },
      forged: { count: 9, lastAt: now - 86_400 },
    }
    expect(communityNeeds(fine, now)).toEqual([])
  })

  it.each(needReasons)('is %s where the facts say so, and nothing else', (reason) => {
    expect(communityNeeds({ ...well, ...facts[reason] }, now).map((need) => need.reason)).toEqual([reason])
  })

  it('is said with what is missing where, and since when', () => {
    const stores = [
      { node: 'a', failure: '', missingMessages: 7, since: 9 },
      { node: 'b', failure: 'refused', missingMessages: 1, since: 4 },
    ]
    expect(communityNeeds({ ...well, stores }, now)).toEqual([
      { reason: 'messages-missing', since: 4, detail: 'a lacks 7; b lacks 1' },
      { reason: 'stores-fail', since: 4, detail: 'b: refused' },
    ])
  })

  it('comes in the order of its urgency', () => {
    const all = Object.values(facts).reduce((sum, each) => ({ ...sum, ...each }))
    const given = communityNeeds({ ...well, ...all, probe: { missingSince: 1, unknownSince: 2 } }, now)
    const order = given.map(({ reason }) => needReasons.indexOf(reason))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})

function named(name: string, ...needs: CommunityNeed[]): Parameters<typeof compareByNeed>[0] {
  return { communityId: `0x${name}`, name, needs }
}

describe('the order of communities', () => {
  it('is by urgency, then by how long, then by name', () => {
    const rows = [
      named('fine b'),
      named('fine a'),
      named('late', { reason: 'behind', since: 9, detail: '' }),
      named('later', { reason: 'behind', since: 3, detail: '' }),
      named('unsure', { reason: 'behind', detail: '' }),
      named('urgent', { reason: 'waits-for-signature', since: 99, detail: '' }, { reason: 'behind', detail: '' }),
    ]
    expect(rows.toSorted(compareByNeed).map(({ name }) => name)).toEqual([
      'urgent',
      'later',
      'late',
      'unsure',
      'fine a',
      'fine b',
    ])
  })
})
