import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ConfigError, readEnv, settings } from './config.ts'

/** A value of the wrong form for each variable, where there is one. */
const wrong: Record<string, string> = {
  ANNALS_DATA: '',
  ANNALS_INTERVAL_SECONDS: '0',
  ANNALS_CLOCK: 'file:',
  ANNALS_CHANNEL: '',
  ANNALS_ANNOUNCE_CHANNELS: 'magnet links',
  ANNALS_TRACKERS: 'ftp://tracker.example/announce',
  ANNALS_TORRENT_HOST: '',
  ANNALS_TORRENT_PORT: '65536',
  ANNALS_TORRENT_DHT: 'yes',
  ANNALS_FETCH_STALL_SECONDS: '1.5',
  ANNALS_GRPC: 'localhost',
  ANNALS_TOKEN: 'too short',
  ANNALS_LOG: 'loud',
}

function problems(env: Record<string, string | undefined>): ConfigError['problems'] {
  try {
    readEnv(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('readEnv', () => {
  it('gives every setting a default', () => {
    expect(readEnv({})).toEqual({
      dataFolder: '.annals',
      intervalSeconds: 604_800,
      clock: 'system',
      channelFolder: '.annals/channel',
      announceChannels: ['magnetlinks'],
      trackers: ['udp://tracker.opentrackr.org:1337/announce', 'udp://tracker.openbittorrent.com:6969/announce'],
      torrentHost: '0.0.0.0',
      torrentPort: 0,
      torrentDht: 'on',
      fetchStallSeconds: 60,
      grpcAddress: '',
      grpcToken: '',
      logLevel: 'info',
    })
  })

  it('reads lists with spaces and nothing between commas', () => {
    const env = { ANNALS_ANNOUNCE_CHANNELS: 'magnetlinks, memberUpdate,', ANNALS_TRACKERS: ' ' }
    expect(readEnv(env)).toMatchObject({ announceChannels: ['magnetlinks', 'memberUpdate'], trackers: [] })
  })

  test.each(Object.values(settings))('names $variable where it is wrong, with what was found and expected', (each) => {
    const found = wrong[each.variable]
    expect(problems({ [each.variable]: found })).toEqual([
      { variable: each.variable, found: each.secret ? '…' : found, expects: each.expects },
    ])
  })

  it('names everything that is wrong at once', () => {
    expect(problems(wrong).map(({ variable }) => variable)).toEqual(Object.keys(wrong))
  })

  it('refuses a variable of ours that it does not know, and does not repeat its value', () => {
    expect(problems({ ANNALS_TOKNE: 'a secret, misspelt', OTHER: 'x', ANNALS_GONE: undefined })).toMatchObject([
      { variable: 'ANNALS_TOKNE', found: '…' },
    ])
  })

  it('takes any environment for settings or for a ConfigError', () => {
    const variable = fc.oneof(
      fc.constantFrom(...Object.keys(wrong)),
      fc.string().map((text) => `ANNALS_${text}`),
    )
    fc.assert(
      fc.property(fc.dictionary(variable, fc.oneof(fc.string(), fc.string({ unit: 'binary' }))), (env) => {
        const found = problems(env)
        for (const problem of found) expect(Object.hasOwn(env, problem.variable)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
