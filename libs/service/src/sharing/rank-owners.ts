import { createHash } from 'node:crypto'

/**
 * Who of the members takes care of a key, the first `count` of a ranking that is another one for each key (rendezvous
 * hashing). A member that comes or goes changes nothing for a key unless it is one of its owners.
 */
export function rankOwners(key: string, members: readonly string[], count: number): string[] {
  if (members.length <= count) return [...members]
  return members
    .map((member) => ({ member, weight: weightOf(key, member) }))
    .toSorted((a, b) => b.weight - a.weight || (a.member < b.member ? -1 : 1))
    .slice(0, count)
    .map(({ member }) => member)
}

function weightOf(key: string, member: string): number {
  return createHash('sha1').update(member).update('\0').update(key).digest().readUIntBE(0, 6)
}
