import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ConfigError, readEnv, settings } from './config.ts'

/** A value of the wrong form for each variable, where there is one. */
const wrong: Record<string, string> = {
  ANNALS_DATA: '',
  ANNALS_INTERVAL_SECONDS: '0',
  ANNALS_CLOCK: 'file:',
  NATS_URL: 'nats://one,http://two',
  NATS_CREDENTIALS: 'a\0b',
  NATS_INBOX_PREFIX: 'a.b',
  MONGODB_URI: 'localhost:27017',
  ANNALS_NAMESPACE: 'Upper',
  ANNALS_INSTANCE: 'a.b',
  ANNALS_STREAM_REPLICAS: '6',
  ANNALS_SEED_REPLICAS: '0',
  ANNALS_TAKE_OVER_SECONDS: '1',
  ANNALS_DRAIN_SECONDS: '0',
  ANNALS_CHANNEL: 'nats:Upper',
  ANNALS_ANNOUNCE_CHANNELS: 'magnet links',
  ANNALS_REPEAT_SECONDS: 'daily',
  ANNALS_PROBE_SECONDS: 'hourly',
  ANNALS_FETCH_PROBE_SECONDS: '-1',
  ANNALS_WAKU_RELAYS: 'nats://host:1',
  ANNALS_WAKU_STORES: 'http://name:pass%word@host:8645',
  ANNALS_WAKU_CLUSTER: '65536',
  ANNALS_WAKU_SHARD: '-1',
  ANNALS_WAKU_PUBLISH: 'filter',
  ANNALS_WAKU_CATCH_UP_SECONDS: '0',
  ANNALS_WAKU_STORE_SECONDS: '0',
  ANNALS_WAKU_GIVE_UP_SECONDS: 'never',
  ANNALS_TRACKERS: 'ftp://tracker.example/announce',
  ANNALS_PEERS: 'host:70000',
  ANNALS_TORRENT_HOST: '',
  ANNALS_TORRENT_PORT: '65536',
  ANNALS_TORRENT_DHT: 'yes',
  ANNALS_TORRENT_WEBRTC: 'yes',
  ANNALS_TORRENT_WEBRTC_PEERS: '0',
  ANNALS_ICE_SERVERS: 'https://stun.example',
  ANNALS_ANNOUNCE_TO: 'gateway:8080',
  ANNALS_FETCH_STALL_SECONDS: '1.5',
  ANNALS_GRPC: 'localhost',
  ANNALS_TOKEN: 'too short',
  ANNALS_HTTP: 'localhost',
  ANNALS_PUBLIC_URL: 'https://annals.example/path',
  ANNALS_TRACKER_UDP: '0.0.0.0:x',
  ANNALS_PUBLIC_TRACKER_UDP: 'tracker.example',
  ANNALS_TRUSTED_PROXIES: 'loopback,10.0.0.0/33',
  ANNALS_MASTER_KEY_FILE: 'a\0b',
  ANNALS_HEALTH: 'localhost:70000',
  ANNALS_LOG: 'loud',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization',
  OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
  OTEL_TRACES_EXPORTER: 'jaeger',
  OTEL_METRICS_EXPORTER: 'prometheus',
  OTEL_SERVICE_NAME: 'a\0b',
  OTEL_RESOURCE_ATTRIBUTES: 'a=%zz',
  OTEL_TRACES_SAMPLER: 'sometimes',
  OTEL_TRACES_SAMPLER_ARG: '1.1',
  OTEL_BSP_SCHEDULE_DELAY: '0',
  OTEL_METRIC_EXPORT_INTERVAL: '0',
  ANNALS_METRIC_COMMUNITIES: 'all',
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

function named(env: Record<string, string>): string[] {
  return problems(env).map(({ variable }) => variable)
}

describe('readEnv', () => {
  it('gives every setting a default', () => {
    expect(readEnv({})).toEqual({
      dataFolder: '.annals',
      intervalSeconds: 604_800,
      clock: 'system',
      natsUrl: '',
      natsCredentials: '',
      natsInboxPrefix: '_INBOX',
      mongodbUri: '',
      namespace: 'annals',
      instance: '',
      streamReplicas: 1,
      seedReplicas: 2,
      takeOverSeconds: 10,
      drainSeconds: 15,
      channel: '',
      announceChannels: ['magnetlinks'],
      repeatSeconds: 86_400,
      probeSeconds: 3600,
      fetchProbeSeconds: 21_600,
      wakuRelays: [],
      wakuStores: [],
      wakuCluster: 16,
      wakuShard: 32,
      wakuPublish: 'relay',
      wakuCatchUpSeconds: 300,
      wakuStoreSeconds: 120,
      wakuGiveUpSeconds: 1800,
      trackers: ['udp://tracker.opentrackr.org:1337/announce', 'udp://tracker.openbittorrent.com:6969/announce'],
      peers: [],
      torrentHost: '0.0.0.0',
      torrentPort: 0,
      torrentDht: 'on',
      torrentWebRtc: 'on',
      torrentWebRtcPeers: 100,
      iceServers: [],
      announceTo: [],
      fetchStallSeconds: 60,
      grpcAddress: '',
      grpcToken: '',
      http: undefined,
      publicUrl: '',
      trackerUdp: undefined,
      publicTrackerUdp: undefined,
      trustedProxies: ['loopback', 'linklocal', 'uniquelocal'],
      masterKeyFile: '',
      health: undefined,
      logLevel: 'info',
      otlpEndpoint: '',
      otlpProtocol: 'http/protobuf',
      otlpHeaders: {},
      otlpTimeoutMilliseconds: 10_000,
      tracesExporter: 'otlp',
      metricsExporter: 'otlp',
      serviceName: '',
      resourceAttributes: {},
      tracesSampler: 'parentbased_always_on',
      tracesSamplerRatio: 1,
      spanDelayMilliseconds: 5_000,
      metricIntervalMilliseconds: 60_000,
      metricCommunities: 100,
    })
  })

  it('reads pairs as OpenTelemetry writes them', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20dTpw%3D, x-tenant=a=b',
      OTEL_RESOURCE_ATTRIBUTES: '',
    }
    expect(readEnv(env)).toMatchObject({
      otlpHeaders: { authorization: 'Basic dTpw=', 'x-tenant': 'a=b' },
      resourceAttributes: {},
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

  it('takes a public address as scheme, host and port, however that is written', () => {
    for (const text of ['https://Annals.example', 'https://annals.example:443/'])
      expect(readEnv({ ANNALS_PUBLIC_URL: text }).publicUrl).toBe('https://annals.example')
    expect(readEnv({ ANNALS_PUBLIC_URL: 'http://10.0.0.1:8080' }).publicUrl).toBe('http://10.0.0.1:8080')
    for (const text of [
      'ftp://annals.example',
      'annals.example',
      'https://name:pass@annals.example',
      'https://a.example?b',
    ])
      expect(named({ ANNALS_PUBLIC_URL: text })).toEqual(['ANNALS_PUBLIC_URL'])
  })

  it('takes networks of proxies by name, as an address or with a prefix, and none', () => {
    const networks = '100.64.0.0/10, fd00::/8,192.0.2.1'
    expect(readEnv({ ANNALS_TRUSTED_PROXIES: networks }).trustedProxies).toEqual(networks.split(/, ?/))
    expect(readEnv({ ANNALS_TRUSTED_PROXIES: '' }).trustedProxies).toEqual([])
    for (const text of ['private', '0.0.0.0/0', '::/129', '10.0.0/8', 'fe80::1%eth0', 'true'])
      expect(named({ ANNALS_TRUSTED_PROXIES: text })).toEqual(['ANNALS_TRUSTED_PROXIES'])
  })

  it('refuses settings that are right each by itself and not together', () => {
    const nats = 'nats://127.0.0.1:4222'
    const mongodb = 'mongodb://127.0.0.1'
    expect(named({ NATS_URL: nats })).toEqual(['MONGODB_URI'])
    expect(named({ MONGODB_URI: mongodb })).toEqual(['NATS_URL'])
    expect(named({ NATS_CREDENTIALS: 'file' })).toEqual(['NATS_URL'])
    expect(named({ ANNALS_CHANNEL: 'nats:shared' })).toEqual(['ANNALS_CHANNEL'])
    expect(named({ NATS_URL: nats, MONGODB_URI: mongodb, ANNALS_CHANNEL: 'nats:shared' })).toEqual([])
    const udp = { ANNALS_TRACKER_UDP: '0.0.0.0:6969' }
    expect(named(udp)).toEqual([])
    expect(named({ NATS_URL: nats, MONGODB_URI: mongodb, ...udp })).toEqual(['ANNALS_HTTP'])
    expect(named({ ANNALS_PUBLIC_TRACKER_UDP: 'tracker.example:6969' })).toEqual(['ANNALS_TRACKER_UDP'])
    expect(named({ ...udp, ANNALS_PUBLIC_TRACKER_UDP: 'tracker.example:6969' })).toEqual([])
    const node = 'http://127.0.0.1:8645'
    expect(named({ ANNALS_CHANNEL: 'waku' })).toEqual(['ANNALS_WAKU_STORES'])
    expect(named({ ANNALS_WAKU_RELAYS: node })).toEqual(['ANNALS_WAKU_STORES'])
    expect(named({ ANNALS_CHANNEL: 'waku', ANNALS_WAKU_STORES: node })).toEqual([])
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
        const partners = ['NATS_URL', 'MONGODB_URI', 'ANNALS_WAKU_STORES', 'ANNALS_TRACKER_UDP', 'ANNALS_HTTP']
        for (const { variable: named } of found)
          expect(Object.hasOwn(env, named) || partners.includes(named)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
