import { describe, expect, it } from 'vitest'
import type { CommunityHealth, Need } from './health.ts'
import { selectCommunities } from './health.ts'

function community(name: string, needs: readonly Need[] = [], more: Partial<CommunityHealth> = {}): CommunityHealth {
  const communityId = `0x02${Buffer.from(name).toString('hex')}`
  return { communityId, name, role: 'control node', archivingOn: true, weeksBehind: 0, seeders: 1, needs, ...more }
}

const names = (all: readonly CommunityHealth[]): string[] => all.map(({ name }) => name)

describe('the overview', () => {
  const all = [
    community('Zebra'),
    community('apple 10'),
    community('Apple 9', [], { archivingOn: false }),
    community('gap', [{ reason: 'store-gaps', since: 5 }]),
    community('late', [{ reason: 'seal-overdue', since: 9 }], { role: 'member' }),
    community('later', [{ reason: 'seal-overdue', since: 3 }, { reason: 'store-gaps' }]),
  ]

  it('has first what needs a person: the worst kind, and of it the oldest', () => {
    const shown = selectCommunities(all, { filter: 'all', text: '' })
    expect(names(shown)).toEqual(['later', 'late', 'gap', 'Apple 9', 'apple 10', 'Zebra'])
  })

  it('finds by a part of the name in any case, or of the id', () => {
    expect(names(selectCommunities(all, { filter: 'all', text: ' APPLE' }))).toEqual(['Apple 9', 'apple 10'])
    const id = all[0]?.communityId.slice(6) ?? ''
    expect(names(selectCommunities(all, { filter: 'all', text: id }))).toEqual(['Zebra'])
  })

  it.for([
    ['needs', ['later', 'late', 'gap']],
    ['member', ['late']],
    ['off', ['Apple 9']],
    ['control', ['later', 'gap', 'Apple 9', 'apple 10', 'Zebra']],
  ] as const)('shows only %s', ([filter, expected]) => {
    expect(names(selectCommunities(all, { filter, text: '' }))).toEqual(expected)
  })
})
