import type { SwarmAnnounce, SwarmAnswer } from 'bittorrent-tracker'
import { expect, it } from 'vitest'
import { Swarms } from './swarms.ts'
import { TrackerRefusalError } from './tracker-errors.ts'

const limits = { peers: 100, peersOfTorrent: 10, peersOfAddress: 4, peersOfAddressInAll: 100 }

function announce(
  swarms: Swarms,
  number: number,
  { infoHash = 'a', ...more }: Partial<SwarmAnnounce> & { infoHash?: string } = {},
): SwarmAnswer {
  const params = {
    type: 'udp' as const,
    event: 'started',
    info_hash: infoHash,
    peer_id: String(number),
    ip: `10.0.0.${number}`,
    port: 1,
    left: 1,
    numwant: 50,
    ...more,
  }
  let answer: SwarmAnswer | undefined
  swarms.open(infoHash).announce(params, (error, found) => {
    if (error) throw error
    answer = found
  })
  return answer!
}

it('forgets who was not heard of for long, and torrents without peers', () => {
  let now = 0
  const swarms = new Swarms(limits, 1_000, () => now)
  announce(swarms, 1)
  announce(swarms, 2, { infoHash: 'b' })
  now = 900
  announce(swarms, 1)
  now = 1_100
  swarms.sweep()
  expect(swarms).toMatchObject({ torrents: 1, peers: { others: 1 } })
  now = 2_000
  swarms.sweep()
  expect(swarms).toMatchObject({ torrents: 0, peers: { others: 0 } })
})

it('keeps those of a torrent that were heard of last', () => {
  const swarms = new Swarms(limits, 1_000, () => 0)
  for (let number = 0; number < 30; number += 1) announce(swarms, number)
  const ips = announce(swarms, 29).peers.map(({ ip }) => ip)
  expect(ips).toHaveLength(9)
  expect(ips).not.toContain('10.0.0.19')
  expect(swarms.peers.others).toBe(10)
})

it('takes so many peers in all', () => {
  const swarms = new Swarms(limits, 1_000, () => 0)
  for (let number = 0; number < 100; number += 1)
    announce(swarms, number % 10, { infoHash: String(Math.floor(number / 10)) })
  expect(() => announce(swarms, 1, { infoHash: 'z' })).toThrow(TrackerRefusalError)
  // Who is in stays in.
  announce(swarms, 1, { infoHash: '3' })
  announce(swarms, 1, { infoHash: '3', event: 'stopped' })
  announce(swarms, 1, { infoHash: 'z' })
  expect(swarms.peers.others).toBe(100)
})

it('names seeds in one half at least, others in the other, never the one who asks', () => {
  const swarms = new Swarms({ ...limits, peersOfTorrent: 200 }, 1_000, () => 0)
  for (let number = 0; number < 40; number += 1) announce(swarms, number, { left: number < 3 ? 0 : 1 })
  for (let round = 0; round < 20; round += 1) {
    const { peers, complete, incomplete } = announce(swarms, 5, { numwant: 5 })
    expect([complete, incomplete]).toEqual([3, 37])
    expect(peers).toHaveLength(5)
    const seeds = peers.filter(({ ip }) => ['10.0.0.0', '10.0.0.1', '10.0.0.2'].includes(ip))
    expect(seeds).toHaveLength(3)
    expect(peers.map(({ ip }) => ip)).not.toContain('10.0.0.5')
  }
})

it('counts all addresses that one host may have for itself as one', () => {
  const swarms = new Swarms(limits, 1_000, () => 0)
  for (let number = 1; number <= 4; number += 1) announce(swarms, number, { ip: `2001:db8::${number}:1` })
  expect(() => announce(swarms, 5, { ip: '2001:db8::5:1' })).toThrow(TrackerRefusalError)
  announce(swarms, 6, { ip: '2001:db8:0:1::1' })
})

it('names no port to others that is none, whichever way it came', () => {
  const swarms = new Swarms(limits, 1_000, () => 0)
  for (const port of [0, 1.5, -1, 65_536, NaN])
    expect(() => announce(swarms, 1, { port }), String(port)).toThrow(TrackerRefusalError)
  for (const ip of ['', 'x', 'fe80::1%eth0']) expect(() => announce(swarms, 1, { ip })).toThrow(TrackerRefusalError)
  expect(swarms.peers.others).toBe(0)
})

it('gives no address more than its share of all torrents together', () => {
  const swarms = new Swarms({ ...limits, peers: 10, peersOfAddressInAll: 6 }, 1_000, () => 0)
  for (let number = 0; number < 6; number += 1) announce(swarms, 1, { infoHash: String(number) })
  expect(() => announce(swarms, 1, { infoHash: '6' })).toThrow(TrackerRefusalError)
  announce(swarms, 2, { infoHash: '6' })
  announce(swarms, 1, { infoHash: '0', event: 'stopped' })
  announce(swarms, 1, { infoHash: '6' })
})
