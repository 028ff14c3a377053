import { expect, it } from 'vitest'
import { readEnv } from './config.ts'
import { ownTrackers, ownWebSeeds } from './public-addresses.ts'

const infoHash = 'ab'.repeat(20)

it('names nothing without a public address', () => {
  const config = readEnv({ ANNALS_HTTP: '0.0.0.0:8080', ANNALS_TRACKER_UDP: '0.0.0.0:6969' })
  expect(ownTrackers(config)).toEqual([])
  expect(ownWebSeeds(config, infoHash)).toEqual([])
})

it('names the tracker on each of its ways, and the web seed, under the public address', () => {
  const config = readEnv({ ANNALS_PUBLIC_URL: 'https://annals.example/', ANNALS_TRACKER_UDP: '0.0.0.0:6969' })
  expect(ownTrackers(config)).toEqual([
    'wss://annals.example/announce',
    'https://annals.example/announce',
    'udp://annals.example:6969/announce',
  ])
  expect(ownWebSeeds(config, infoHash)).toEqual([`https://annals.example/seeds/${infoHash}/`])
})

it('names UDP by the name and port that it has for others, where these are its own', () => {
  const udp = { ANNALS_PUBLIC_URL: 'https://annals.example', ANNALS_TRACKER_UDP: '0.0.0.0:6969' }
  const named = (text: string): string | undefined =>
    ownTrackers(readEnv({ ...udp, ANNALS_PUBLIC_TRACKER_UDP: text })).find((each) => each.startsWith('udp:'))
  expect(named('tracker.example:7070')).toBe('udp://tracker.example:7070/announce')
  expect(named('[2001:db8::1]:7070')).toBe('udp://[2001:db8::1]:7070/announce')
})

it('has no UDP where there is none, and keeps a port', () => {
  const config = readEnv({ ANNALS_PUBLIC_URL: 'http://[::1]:8080' })
  expect(ownTrackers(config)).toEqual(['ws://[::1]:8080/announce', 'http://[::1]:8080/announce'])
})
