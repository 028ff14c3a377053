import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ServerNotOursError } from './errors.ts'
import { cacheFolder } from './install/cache-folder.ts'
import { waysToKubernetes } from './kubernetes/ways-to-kubernetes.ts'
import { waysToMongo } from './mongo/ways-to-mongo.ts'
import { waysToNats } from './nats/ways-to-nats.ts'
import { isOlder, versionIn } from './program-on-path.ts'
import { startMongo } from './start-mongo.ts'
import { startNats } from './start-nats.ts'
import { startWaku } from './start-waku.ts'
import { versions } from './versions.ts'
import { nwakuArguments, wakuNodeArguments } from './waku/waku-plan.ts'
import type { WakuPlan } from './waku/waku-plan.ts'
import { waysToWaku } from './waku/ways-to-waku.ts'

const plan: WakuPlan = {
  nodeKey: '01'.repeat(32),
  clusterId: 16,
  shards: [32, 64],
  peerPort: 60_000,
  advertise: '/ip4/127.0.0.1/tcp/60001',
  peers: ['/ip4/127.0.0.1/tcp/60002/p2p/16Uiu2'],
  hasStore: true,
  leastPeers: 0,
}

describe('where servers come from', () => {
  it('is the PATH, then Docker, then the cache', () => {
    expect(waysToNats('', {}).map(({ name }) => name)).toStrictEqual([
      'a program on the PATH',
      'Docker with the image nats:2',
      'the cache, filled by go install',
    ])
    expect(waysToMongo({}).map(({ name }) => name)).toStrictEqual([
      'a program on the PATH',
      'Docker with the image mongo:8',
      'the cache, filled by go install and mmdebstrap',
    ])
    expect(waysToWaku(plan, {}).map(({ name }) => name)).toStrictEqual([
      'a program on the PATH',
      'Docker with the image wakuorg/nwaku:v0.36.0',
      'the cache, filled by go build',
    ])
  })

  it('is the PATH, then the cache, for a control plane of Kubernetes', () => {
    expect(waysToKubernetes({}).map(({ name }) => name)).toStrictEqual([
      'programs on the PATH',
      'the cache, filled by go build',
    ])
  })

  it.for([
    { server: 'NATS', start: startNats, address: 'nats://user:secret@nats.example:4222' },
    { server: 'MongoDB', start: startMongo, address: 'mongodb://user:secret@mongo.example' },
    { server: 'Waku', start: startWaku, address: 'http://user:secret@waku.example:8645' },
  ])('is the $server server whose address is given, which cannot be killed', async ({ start, address }) => {
    await using server = await start({ address })
    expect(server.url).toBe(address)
    expect(server.origin).not.toContain('secret')
    for (const operation of ['kill', 'stop', 'start'] as const)
      await expect(server[operation]()).rejects.toMatchObject({ name: 'ServerNotOursError', operation })
  })

  it('is no server whose address is given where its folder, port or configuration is to be chosen', async () => {
    const address = 'nats://127.0.0.1:4222'
    await expect(startNats({ address, folder: 'somewhere' })).rejects.toThrow(ServerNotOursError)
    await expect(startNats({ address, port: 4223 })).rejects.toThrow(ServerNotOursError)
    await expect(startNats({ address, configuration: 'debug: true' })).rejects.toThrow(ServerNotOursError)
  })
})

describe('what a Waku node is told', () => {
  it('names the same topics, peers and ports to either program', () => {
    expect(wakuNodeArguments(plan, '/folder', 8_645)).toStrictEqual(
      expect.arrayContaining([
        '-rest-port=8645',
        '-tcp-port=60000',
        '-pubsub-topic=/waku/2/rs/16/32',
        '-pubsub-topic=/waku/2/rs/16/64',
        `-staticnode=${plan.peers[0]}`,
        '-store-db=/folder/store.db',
      ]),
    )
    expect(nwakuArguments(plan, '/folder', 8_645)).toStrictEqual(
      expect.arrayContaining([
        '--rest-port=8645',
        '--tcp-port=60000',
        '--shard=32',
        '--shard=64',
        '--max-msg-size=150KiB',
        `--staticnode=${plan.peers[0]}`,
        '--store-message-db-url=sqlite:///folder/store.sqlite3',
      ]),
    )
    expect(wakuNodeArguments({ ...plan, hasStore: false }, '/folder', 1).join('')).not.toContain('store')
  })
})

describe('versions of programs', () => {
  it.for([
    { module: 'kubernetes', line: `k8s.io/kubernetes v${versions.kubernetes}` },
    { module: 'kubernetes', line: `k8s.io/client-go => k8s.io/client-go v0${versions.kubernetes.slice(1)}` },
    { module: 'jaeger', line: `github.com/jaegertracing/jaeger v${versions.jaeger}` },
    { module: 'waku-node', line: `github.com/waku-org/go-waku v${versions.goWaku}` },
  ])('are those that $module/go.mod has: $line', ({ module, line }) => {
    expect(readFileSync(new URL(`../${module}/go.mod`, import.meta.url), 'utf8')).toContain(line)
  })

  it('are the first three numbers that a program says', () => {
    expect(versionIn('nats-server: v2.15.2')).toBe('2.15.2')
    expect(versionIn('db version v8.0.4\nBuild Info: {"version": "8.0.4"}')).toBe('8.0.4')
    expect(versionIn('unknown')).toBe(undefined)
  })

  it.for([
    { version: '2.9.10', isTooOld: true },
    { version: '2.10.0', isTooOld: false },
    { version: '2.10.1', isTooOld: false },
    { version: '10.0.0', isTooOld: false },
    { version: '1.99.99', isTooOld: true },
  ])('$version is older than 2.10.0: $isTooOld', ({ version, isTooOld }) => {
    expect(isOlder(version, '2.10.0')).toBe(isTooOld)
  })
})

describe('the cache', () => {
  it('is where LOCAL_SERVERS_CACHE says, or below the folder for caches', () => {
    expect(cacheFolder({ LOCAL_SERVERS_CACHE: '/some/where', XDG_CACHE_HOME: '/caches' })).toBe('/some/where')
    expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/annals/servers')
    expect(cacheFolder({ LOCAL_SERVERS_CACHE: '' })).toBe(join(homedir(), '.cache', 'annals', 'servers'))
  })
})
