// compose.yaml at work, by hand, as root on Debian: node deploy/image/compose-for-long.ts
// Gets Docker Compose, makes images of what cannot be had, starts services and servers of deploy/compose.yaml and beside them
// a member, and looks whether a history that is imported is sealed, seeded, announced over Waku and fetched, and page, web seed and
// tracker answer on this machine. What watches them (the Collector, Jaeger, Prometheus, Grafana) is not started. Ends with exit code 1 where something is not as it should be.
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openCompose } from '@annals/local-servers'
import { parse, stringify } from 'yaml'
import { visitPublicAddress } from '../testing/index.ts'
import { buildImage } from './build-image.ts'
import { DockerEngine } from './docker-engine.ts'
import { makeServerImages, makeWakuImage } from './make-server-images.ts'

const run = promisify(execFile)
const file = join(import.meta.dirname, '..', 'compose.yaml')
const image = 'annals:tried'
const watching = new Set(['otel-collector', 'jaeger', 'prometheus', 'grafana'])
const limitMilliseconds = 600_000
const betweenLooksMilliseconds = 1_000
const week = 604_800
const weeks = 3
const publicUrl = 'http://127.0.0.1:8080'
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

interface Service {
  readonly image: string
  readonly command?: readonly string[]
}
interface State {
  readonly Service: string
  readonly State: string
  readonly Health: string
  readonly ExitCode: number
}
interface Archives {
  readonly archives: readonly unknown[]
  readonly magnetLink: string
}

await using engine = await DockerEngine.open(say)
const program = await openCompose({ onProgress: say })
const { services } = parse(await readFile(file, 'utf8'), { merge: true }) as { services: Record<string, Service> }
const started = Object.keys(services).filter((name) => !watching.has(name))
const ours = started.filter((name) => services[name]?.image.startsWith('annals:'))
const base = await buildImage(engine, image, say)
const names = { nats: services['nats']?.image ?? '', mongodb: services['mongodb']?.image ?? '' }
const servers = await makeServerImages(engine, names, say)
const waku = await makeWakuImage(engine, 'annals-waku', base)

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'annals-compose-'))
// The gateway's user reads what is in it.
await chmod(folder, 0o755)
stack.defer(() => rm(folder, { recursive: true, force: true }))
const override = join(folder, 'override.yaml')
await writeFile(override, stringify({ services: overrides() }))
const history = historyOf(weeks)
await writeFile(join(folder, 'history.ndjson'), history.map((record) => `${JSON.stringify(record)}\n`).join(''))

stack.defer(async () => void (await compose('down', '--volumes', '--timeout', '0')))
say(`starting ${started.join(', ')} and a member`)
await compose('up', '--detach', '--no-build', ...started, 'member')
const running = [...ours.filter((name) => services[name]?.command?.[0] === 'run'), 'member']
await until('all are healthy', async () => {
  const states = await statesNow()
  return running.every((name) => states.some((each) => each.Service === name && each.Health === 'healthy'))
})

const gateway = ['gateway', 'node', '--env-file=/run/secrets/gateway.env']
const added = await annals(gateway, 'community', 'add', '--name', 'Tried', '--chat', 'general', '--json')
const { communityId } = JSON.parse(added) as { communityId: string }
await annals(['member', 'node'], 'community', 'add', '--member', communityId, '--name', 'Tried', '--archive')
await annals(gateway, 'import', '/import/history.ndjson', '--community', communityId)
// What is there by now is sealed at once.
await annals(gateway, 'community', 'enable', communityId)
await until('the history is sealed and announced', async () =>
  (await annals(gateway, 'events', 'tail', '--no-follow', '--name', 'MagnetLinkDispatched', '--json')).includes(
    communityId,
  ),
)
await visitPublicAddress({ ...(await newestTorrent()), publicUrl, udp: { host: '127.0.0.1', port: 6969 }, communityId })
say(`page, web seed and tracker answer at ${publicUrl}`)
const atControl = await archivesOf(gateway)
assert.equal(atControl.length, weeks)
await until('the member has fetched it', async () => (await archivesOf(['member', 'node'])).length === weeks)
assert.deepEqual(await archivesOf(['member', 'node']), atControl)

await compose('stop')
const ended = (await statesNow()).filter(({ Service }) => [...ours, 'member'].includes(Service))
assert.deepEqual(
  ended.filter(({ State, ExitCode }) => State !== 'exited' || ExitCode !== 0),
  [],
)
say(`${ended.length} containers ended with 0: compose.yaml runs`)

/** Images that are here, and a member, which hears of archives over Waku. */
function overrides(): Record<string, unknown> {
  const member = {
    image,
    command: ['up'],
    read_only: true,
    cap_drop: ['ALL'],
    tmpfs: ['/tmp'],
    stop_grace_period: '45s',
    environment: {
      ANNALS_CHANNEL: 'waku',
      ANNALS_WAKU_STORES: 'http://waku:8645',
      ANNALS_WAKU_CATCH_UP_SECONDS: '5',
      ANNALS_TRACKERS: '',
      ANNALS_TORRENT_DHT: 'off',
    },
  }
  return {
    ...Object.fromEntries(ours.map((name) => [name, { image }])),
    gateway: { image, volumes: [`${folder}:/import:ro`] },
    nats: { image: servers.nats },
    mongodb: { image: servers.mongodb },
    waku: { image: waku },
    member,
  }
}

function historyOf(weeks: number): { channel: string; author: string; timestamp: number; text: string }[] {
  const first = Math.floor(Date.now() / 1_000) - (weeks + 1) * week + week / 2
  return Array.from({ length: weeks * 100 }, (_, index) => ({
    channel: 'general',
    author: 'ada',
    timestamp: first + Math.floor((index * week) / 100),
    text: `message ${index}`,
  }))
}

/** What `docker compose …` says. */
async function compose(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...(engine.address !== undefined && { DOCKER_HOST: engine.address }) }
  const files = ['-f', file, '-f', override]
  return (await run(program, [...files, ...args], { env, maxBuffer: 1e8 })).stdout
}

/** A command in a container. */
function annals(container: readonly string[], ...args: readonly string[]): Promise<string> {
  return compose('exec', '--no-TTY', ...container, 'services/annals/src/main.ts', ...args)
}

async function archivesOf(container: readonly string[]): Promise<readonly unknown[]> {
  return (JSON.parse(await annals(container, 'archives', communityId, '--json')) as Archives).archives
}

/** That magnet links lead here, and which one. */
async function newestTorrent(): Promise<{ infoHash: string }> {
  assert.match(await (await fetch(publicUrl)).text(), /<html/)
  const { magnetLink } = JSON.parse(await annals(gateway, 'archives', communityId, '--json')) as Archives
  const link = new URL(magnetLink).searchParams
  const [, infoHash = ''] = link.get('xt')?.split('btih:') ?? []
  assert.deepEqual(link.getAll('ws'), [`${publicUrl}/seeds/${infoHash}/`])
  assert.ok(link.getAll('tr').includes('udp://127.0.0.1:6969/announce'))
  return { infoHash }
}

async function statesNow(): Promise<State[]> {
  const lines = (await compose('ps', '--all', '--format', 'json')).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as State)
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMilliseconds
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMilliseconds / 1_000} s: ${what}`)
    await pause(betweenLooksMilliseconds)
  }
  say(what)
}
