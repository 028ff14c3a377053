import { describe, expect, it } from 'vitest'
import { addressKind } from './address-kind.ts'
import { findShortage } from './checks/local/disk-space.ts'
import { compareNodeVersion } from './checks/local/node-version.ts'
import { ageOfNats } from './checks/nats/nats-version.ts'
import { findClockFault, secondsApart } from './compare-clocks.ts'
import { instanceOfConsumer } from './wanted-consumers.ts'

const gibibyte = 1024 ** 3

describe('a judgement', () => {
  it.for([
    ['2.8.4', 'before-2-9'],
    ['2.9.10', 'before-2-10'],
    ['2.10.29', 'before-2-11'],
    ['2.11.0', undefined],
    ['2.15.2', undefined],
    ['3.0.0-beta.1', undefined],
  ] as const)('takes nats-server %s for %s', ([version, age]) => {
    expect(ageOfNats(version)).toBe(age)
  })

  it.for([
    ['22.19.0', 'old'],
    ['24.0.0', undefined],
    ['25.1.0', 'untested'],
  ] as const)('takes Node %s for %s', ([version, difference]) => {
    expect(compareNodeVersion(version)).toBe(difference)
  })

  it('calls a disk low under 1 GiB or 5 %, and full under 64 MiB', () => {
    expect(findShortage(2 * gibibyte, 10 * gibibyte)).toBeUndefined()
    expect(findShortage(gibibyte - 1, 10 * gibibyte)).toBe('low')
    expect(findShortage(2 * gibibyte, 100 * gibibyte)).toBe('low')
    expect(findShortage(64 * 1024 ** 2 - 1, 100 * gibibyte)).toBe('full')
  })

  it('lets clocks differ by the time that asking took, by 2 s, and by 60 s', () => {
    const asked = { askedAt: 1_000_000, answeredAt: 1_005_000 }
    expect(secondsApart({ ...asked, theirs: 1_003_000 })).toBe(0)
    expect(secondsApart({ ...asked, theirs: 998_000 })).toBe(-2)
    expect(secondsApart({ ...asked, theirs: 1_066_000 })).toBe(61)
    expect([-61, -60, -2.1, -2, 0, 2, 2.1, 60, 61].map(findClockFault)).toStrictEqual([
      'wrong',
      'differs',
      'differs',
      undefined,
      undefined,
      undefined,
      'differs',
      'differs',
      'wrong',
    ])
  })

  it.for([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['localhost', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['fd00::1', 'private'],
    ['2606:4700::1111', 'public'],
    ['8.8.8.8', 'public'],
    ['seeder.example', 'a name'],
  ] as const)('says of the address %s that it is %s', ([address, kind]) => {
    expect(addressKind(address)).toBe(kind)
  })

  it('tells consumers of single processes from those that a service shares', () => {
    expect(instanceOfConsumer('seeder-a-1')).toStrictEqual({ service: 'seeder', instance: 'a-1' })
    expect(instanceOfConsumer('fetcher-x')).toStrictEqual({ service: 'fetcher', instance: 'x' })
    expect(instanceOfConsumer('collector-communities')).toBeUndefined()
  })
})
