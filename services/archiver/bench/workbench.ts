import type { WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import { createHash, randomBytes } from 'node:crypto'
import { chatId, communityIdOfPrivateKey, contentTopic } from '@annals/crypto'
import { eventId } from '@annals/events'
import { readEnv, startNode } from '@annals/service'
import { pino } from 'pino'
import { archiver } from '../src/index.ts'

export const weekSeconds = 604_800
const start = 1_704_067_200
const channelId = '6b5f3d2c-0b1a-4c58-9d2e-000000000001'
const messageBytes = 500
/** What a message of the network has beside its payload: sender, topic, hash, padding, time, tags. */
const otherBytes = 65 + 4 + 32 + 8 + 20

/** An archiver on embedded engines in a folder, and messages for it. */
export interface Workbench extends AsyncDisposable {
  addCommunity(name: string): Promise<string>
  /** Stores a week's worth of pending messages of 500 bytes each. */
  ingestWeek(communityId: string, week: number, megabytes: number): Promise<void>
  /** Has the weeks [from, to) archived; milliseconds until `ArchiveCreated` is published. */
  seal(communityId: string, from: number, to: number): Promise<number>
}

export async function startWorkbench(folder: string): Promise<Workbench> {
  const config = readEnv({
    ANNALS_DATA: `${folder}/data`,
    ANNALS_CHANNEL: `${folder}/channel`,
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
  })
  const node = await startNode([archiver], { config, log: pino({ level: 'warn' }) })
  const { context } = node
  return {
    addCommunity: (name) => addCommunity(context, name),
    ingestWeek: (communityId, week, megabytes) => ingestWeek(context, communityId, week, megabytes),
    seal: (communityId, from, to) => seal(context, communityId, from, to),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

async function addCommunity(context: ServiceContext, name: string): Promise<string> {
  const communityId = communityIdOfPrivateKey(createHash('sha256').update(name).digest())
  const chats = [{ channelId, name: 'general' }]
  await context.registry.execute(communityId, { type: 'AddCommunity', controlNode: true, name, chats }, 'bench')
  return communityId
}

async function ingestWeek(
  context: ServiceContext,
  communityId: string,
  week: number,
  megabytes: number,
): Promise<void> {
  const topic = contentTopic(chatId(communityId, channelId))
  const count = Math.round((megabytes * 1e6) / messageBytes)
  const [sig, payload, padding] = [randomBytes(65), randomBytes(messageBytes - otherBytes), randomBytes(8)]
  for (let first = 0; first < count; first += 4_000) {
    const hashes = randomBytes(32 * 4_000)
    const batch = Array.from({ length: Math.min(4_000, count - first) }, (_, i): WakuMessage => {
      const timestamp = start + week * weekSeconds + Math.floor(((first + i) * weekSeconds) / count)
      return { timestamp, hash: hashes.subarray(i * 32, i * 32 + 32), topic, sig, payload, padding, thirdPartyId: '' }
    })
    await context.messages.ingest(communityId, batch, 'pending')
  }
}

async function seal(context: ServiceContext, communityId: string, from: number, to: number): Promise<number> {
  const range = { from: start + from * weekSeconds, to: start + to * weekSeconds, intervalSeconds: weekSeconds }
  const stop = new AbortController()
  const after = await context.bus.lastSequence()
  const begun = performance.now()
  const id = eventId('ArchiveDue', communityId, `${range.from}-${range.to}`)
  await context.bus.publish({ id, name: 'ArchiveDue', communityId, payload: range }, { source: 'bench' })
  for await (const _ of context.bus.read({
    after,
    communityId,
    names: ['ArchiveCreated'],
    follow: true,
    signal: stop.signal,
  }))
    break
  return performance.now() - begun
}
