import { expect, test } from 'vitest'
import type { Wire } from 'webtorrent'
import { PeerJudge } from './peer-judge.ts'

let count = 0
function peer(fields: Partial<Wire> = {}): Wire {
  count += 1
  return { peerId: `peer ${count}`, remoteAddress: '127.0.0.1', remotePort: count, destroyed: false, ...fields } as Wire
}

test('a peer that sent all of a failed piece is banned, by its id and by its address', () => {
  const judge = new PeerJudge()
  const liar = peer()
  judge.blockCame(liar, 7)
  judge.blockCame(liar, 7)
  expect(judge.pieceFailed(7, 0)).toBe(liar)
  expect(judge.isBanned(peer({ peerId: liar.peerId }))).toBe(true)
  expect(judge.isBanned(peer({ remotePort: liar.remotePort! }))).toBe(true)
  expect(judge.isBanned(peer())).toBe(false)
})

test('a failed piece of several peers is asked from one of them alone, and that one is judged by it', () => {
  const judge = new PeerJudge()
  const [first, second] = [peer(), peer()]
  judge.blockCame(first, 7)
  judge.blockCame(second, 7)
  expect(judge.pieceFailed(7, 0)).toBeUndefined()
  expect([judge.mayAsk(first, 7, 0), judge.mayAsk(second, 7, 0), judge.mayAsk(second, 8, 0)]).toEqual([
    true,
    false,
    true,
  ])
  judge.blockCame(first, 7)
  expect(judge.pieceFailed(7, 0)).toBe(first)
  expect(judge.mayAsk(second, 7, 0)).toBe(true)
})

test('a piece that passes clears everybody of it', () => {
  const judge = new PeerJudge()
  const [first, second] = [peer(), peer()]
  judge.blockCame(first, 7)
  judge.piecePassed(7)
  judge.blockCame(second, 7)
  expect(judge.pieceFailed(7, 0)).toBe(second)
  expect(judge.isBanned(first)).toBe(false)
})

test('one that has a doubtful piece for itself loses it when it is gone or too slow', () => {
  const judge = new PeerJudge()
  const others = [peer(), peer()]
  const gone = peer({ destroyed: true })
  for (const wire of [gone, ...others]) judge.blockCame(wire, 7)
  judge.pieceFailed(7, 0)
  expect(others.map((wire) => judge.mayAsk(wire, 7, 1_000))).toEqual([true, false])
  expect(others.toReversed().map((wire) => judge.mayAsk(wire, 7, 60_000))).toEqual([true, false])
})
