import { isDeepStrictEqual } from 'node:util'
import type { NodeOutcome, WakuOutcome } from './waku-outcome.ts'
import { hashOf } from './waku-rounds.ts'

/**
 * What of a history over Waku is not as it must be, whatever died when:
 * - the control node holds what the stores have, each message once, and nothing that nobody said;
 * - members hold the same, and the same archives byte for byte;
 * - each announcement is of what was sealed, later than the one before, and never the same clock or archives twice;
 * - every event is handled, none given up, and the state of each node is what its log says.
 */
export function violationsOf(outcome: WakuOutcome): string[] {
  const { control, reader, listener } = outcome
  const members = { reader, listener }
  return [
    ...messageViolations(outcome),
    ...Object.entries(members).flatMap(([name, member]) => memberViolations(name, member, control)),
    ...announcementViolations(outcome),
    ...Object.entries({ control, ...members }).flatMap(([name, { unhandled, differences }]) => [
      ...unhandled.map((event) => `${name}: ${event}`),
      ...differences.map((difference) => `${name}: the log says otherwise: ${JSON.stringify(difference)}`),
    ]),
  ]
}

function messageViolations({ said, doubtful, stored, control }: WakuOutcome): string[] {
  const held = new Set(control.held)
  const spoken = new Set<string>([...said, ...doubtful])
  const hashes = new Set(control.held.map(hashOf))
  return [
    ...said.filter((line) => !held.has(line)).map((line) => `lost: ${line}`),
    ...[...stored]
      .filter((hash) => !hashes.has(hash))
      .map((hash) => `a store has what the control node has not: ${hash}`),
    ...control.held.filter((line) => !spoken.has(line)).map((line) => `nobody said: ${line}`),
    ...repeated(control.held).map((line) => `held twice: ${line}`),
  ]
}

function memberViolations(name: string, member: NodeOutcome, control: NodeOutcome): string[] {
  const same = (['infoHash', 'magnetLink', 'archives', 'held', 'dataDigest', 'indexDigest'] as const).filter(
    (part) => !isDeepStrictEqual(member[part], control[part]),
  )
  return same.map((part) => `${name}: ${part} is not the control node's`)
}

function announcementViolations({ communityId, announced, control }: WakuOutcome): string[] {
  const links = announced.map(({ magnetLink }) => magnetLink)
  const clocks = announced.map(({ clockMilliseconds }) => clockMilliseconds)
  const late = clocks.slice(1).filter((clock, index) => clock <= (clocks[index] ?? 0))
  return [
    ...repeated(links).map((link) => `announced twice: ${link}`),
    ...late.map((clock) => `announced with a clock that had been: ${clock}`),
    ...links.filter((link) => !control.sealedLinks.includes(link)).map((link) => `announced and never sealed: ${link}`),
    ...(links.at(-1) === control.magnetLink ? [] : [`announced last: ${links.at(-1)}`]),
    ...announced
      .filter((each) => each.communityId !== communityId)
      .map(({ magnetLink }) => `of another: ${magnetLink}`),
  ]
}

function repeated<T extends string>(items: readonly T[]): T[] {
  return items.filter((item, index) => items.indexOf(item) !== index)
}
