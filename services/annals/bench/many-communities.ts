// node services/annals/bench/many-communities.ts [communities]: one control node with many communities of three weekly
// archives each. How long they take from nothing to announced; how long a restarted node takes until all are seeded,
// beside the start of a node without any; its memory and its idle load (both read from /proc, so on Linux only).
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Secret, chatId, contentTopic } from '@annals/crypto'
import { readEnv, startNode } from '@annals/service'
import type { ServiceContext } from '@annals/service'
import { pino } from 'pino'
import { allServices, call, ClockFile, RemoteNode } from '../src/index.ts'

const communities = Number(process.argv[2] ?? 1_000)
const weekSeconds = 604_800
const from = 1_704_067_200
const weeks = 3
const messagesPerWeek = 20
const channelId = '6b5f3d2c-0b1a-4c58-9d2e-000000000001'
/** Of Linux: 100 a second. */
const ticksPerSecond = 100

const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
try {
  const clock = await ClockFile.at(join(folder, 'clock'), from + weeks * weekSeconds)
  const environment = {
    ANNALS_CHANNEL: join(folder, 'channel'),
    ANNALS_CLOCK: clock.setting,
    ANNALS_TRACKERS: '',
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_LOG: 'warn',
  }
  await prepare(join(folder, 'full'), environment)
  // A node ends its own start with everything seeded, so a start without communities is what the others are held against.
  const empty = await start('without communities', join(folder, 'empty'), environment, 0)
  const full = await start(`with ${communities}`, join(folder, 'full'), environment, communities)
  console.log(`for each community: ${(((full - empty) * 1000) / communities).toFixed(2)} ms`)
} finally {
  await rm(folder, { recursive: true })
}

async function prepare(nodeFolder: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const config = readEnv({ ...environment, ANNALS_DATA: join(nodeFolder, 'data') })
  const services = allServices.filter((service) => service.name !== 'gateway')
  await using node = await startNode(services, { config, log: pino({ level: 'warn' }) })
  const { context } = node
  const begun = performance.now()
  for (let number = 0; number < communities; number += 1) await addCommunity(context, number)
  let left = communities
  for await (const _ of context.bus.read({ names: ['MagnetLinkDispatched'], follow: true })) if (--left === 0) break
  console.log(`from nothing to announced: ${seconds(begun).toFixed(1)} s for ${communities} communities`)
}

async function addCommunity({ keys, messages, registry }: ServiceContext, number: number): Promise<void> {
  const privateKey = new Secret(createHash('sha256').update(`community ${number}`).digest())
  const { communityId } = await keys.communities.put(privateKey)
  const chats = [{ channelId, name: 'general' }]
  await registry.execute(communityId, { type: 'AddCommunity', controlNode: true, name: `${number}`, chats }, 'bench')
  const topic = contentTopic(chatId(communityId, channelId))
  const [sig, payload, padding] = [randomBytes(65), randomBytes(370), randomBytes(8)]
  const history = Array.from({ length: weeks * messagesPerWeek }, (_, i) => {
    const timestamp = from + Math.floor((i * weekSeconds) / messagesPerWeek)
    return { timestamp, hash: randomBytes(32), topic, sig, payload, padding, thirdPartyId: '' }
  })
  await messages.ingest(communityId, history, 'pending')
  await registry.execute(communityId, { type: 'EnableArchiving' }, 'bench')
}

async function start(
  name: string,
  nodeFolder: string,
  environment: Readonly<Record<string, string>>,
  expected: number,
): Promise<number> {
  const begun = performance.now()
  await using node = await RemoteNode.start({ folder: nodeFolder, environment })
  const ready = seconds(begun)
  let seeded = -1
  let asking = 0
  while (seeded !== expected) {
    const asked = performance.now()
    const status = await call(node.client, node.client.api.getStatus, { communityId: '' })
    asking = seconds(asked)
    seeded = status.communities.filter((each) => each.seedingInfoHash !== '').length
  }
  const all = seconds(begun)
  const memory = await residentMegabytes(node.process.pid)
  const load = await idleLoad(node.process.pid)
  console.log(
    `start ${name}: ready after ${ready.toFixed(2)} s, ${seeded} seeded after ${all.toFixed(2)} s (GetStatus takes ${asking.toFixed(2)} s); ${memory} MB; idle: ${load.toFixed(1)} % of a core`,
  )
  return all
}

async function residentMegabytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1000)
}

async function idleLoad(pid: number): Promise<number> {
  const measuredSeconds = 10
  // What a start leaves to be done is over by then.
  await setTimeout(5_000)
  const before = await usedTicks(pid)
  await setTimeout(measuredSeconds * 1_000)
  return (((await usedTicks(pid)) - before) / ticksPerSecond / measuredSeconds) * 100
}

async function usedTicks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The fields behind the name in parentheses; of all fields the 14th and 15th are the times of user and system.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function seconds(since: number): number {
  return (performance.now() - since) / 1_000
}
