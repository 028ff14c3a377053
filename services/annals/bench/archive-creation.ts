// node services/annals/bench/archive-creation.ts [communities] [messages] [mongodb://HOST:PORT]: so many communities with so
// many messages of 500 bytes each fall due at once. How long one archiver takes until the log has an ArchiveCreated for each
// of them, on the embedded set and on NATS and MongoDB.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { archiver } from '@annals/archiver'
import { eventId } from '@annals/events'
import type { AnnalsConfig, ServiceContext } from '@annals/service'
import { readEnv, startNode } from '@annals/service'
import { addControlled, messageOf } from '@annals/service/testing'
import { openClusterEngines } from './cluster-engines.ts'

const communities = Number(process.argv[2] ?? 20)
const messages = Number(process.argv[3] ?? 2_000)
const begin = 1_704_067_200
const week = 604_800

await using cluster = await openClusterEngines(begin, process.argv[4])
const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
const embedded = await measure(readEnv({ ANNALS_DATA: join(folder, 'data'), ANNALS_TRACKERS: '' }))
const real = await measure(readEnv(cluster.environment))
await rm(folder, { recursive: true })
console.log(
  `${communities} archives of ${messages} messages: ${embedded.toFixed(0)} ms on the embedded set, ` +
    `${real.toFixed(0)} ms on NATS and MongoDB, ${(real / embedded).toFixed(2)} times as long`,
)

/** Milliseconds until all are archived. */
async function measure(config: AnnalsConfig): Promise<number> {
  await using node = await startNode([], { config, keys: true, log: pino({ level: 'warn' }) })
  const { context } = node
  const ids: string[] = []
  for (let number = 1; number <= communities; number += 1) ids.push(await addHistory(context, number))
  const after = await context.bus.lastSequence()
  await using _archiver = await archiver.start(context, new AbortController().signal)
  const start = performance.now()
  await Promise.all(ids.map((communityId) => publishDue(context, communityId)))
  const stop = new AbortController()
  let created = 0
  for await (const _ of context.bus.read({ after, names: ['ArchiveCreated'], follow: true, signal: stop.signal }))
    if ((created += 1) === communities) break
  return performance.now() - start
}

async function addHistory(context: ServiceContext, number: number): Promise<string> {
  const communityId = await addControlled(context, number)
  const history = Array.from({ length: messages }, (_, at) =>
    messageOf(communityId, begin + Math.floor((at * week) / messages), { text: String(at), payloadBytes: 371 }),
  )
  await context.messages.ingest(communityId, history, 'pending')
  return communityId
}

async function publishDue({ bus }: ServiceContext, communityId: string): Promise<void> {
  const payload = { from: begin, to: begin + week, intervalSeconds: week }
  const id = eventId('ArchiveDue', communityId, `${payload.from}-${payload.to}`)
  await bus.publish({ id, name: 'ArchiveDue', communityId, payload })
}
