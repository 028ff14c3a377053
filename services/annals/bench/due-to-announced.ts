// node services/annals/bench/due-to-announced.ts [weeks] [mongodb://HOST:PORT]: one community, one week after the other, all
// services in one process on NATS and MongoDB. How long it takes from an ArchiveDue in the log until its torrent is
// announced, beside as many durable steps as that takes, done one after the other by the bare clients.
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { EventName } from '@annals/events'
import { eventId } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import { readEnv, startNode } from '@annals/service'
import { addControlled, messageOf, watchEffects } from '@annals/service/testing'
import { archiver } from '@annals/archiver'
import { magnetDispatcher } from '@annals/magnet-dispatcher'
import { seeder } from '@annals/seeder'
import { openClusterEngines } from './cluster-engines.ts'

const weeks = Number(process.argv[2] ?? 200)
const begin = 1_704_067_200
const week = 604_800

await using cluster = await openClusterEngines(begin, process.argv[3])
const effects: string[] = []
const config = readEnv({ ...cluster.environment, ANNALS_DATA: `${cluster.folder}/data` })
await using node = await startNode([archiver, seeder, magnetDispatcher], {
  config,
  log: pino({ level: 'warn' }),
  wrapEngines: (engines) => watchEffects(engines, { before: (effect) => void effects.push(effect) }),
})
const { context } = node
const communityId = await addControlled(context)

const own: number[] = []
for (let number = 0; number < weeks; number += 1) own.push(await announce(context, number))
// Of the last half: the first ones pay for what is made once.
const perWeek = Math.round(effects.length / weeks)
const toNats = effects.filter((effect) => /^(bus|channel)\.|acks/.test(effect)).length / effects.length
const raw = await steps(Math.round(perWeek * toNats), Math.round(perWeek * (1 - toNats)))
console.log(`${perWeek} durable steps a week, ${Math.round(perWeek * toNats)} of them to NATS`)
for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const [mine, bare] = [quantile(own.slice(weeks / 2), share), quantile(raw, share)]
  console.log(
    `${name}: due to announced ${mine.toFixed(1)} ms, bare steps ${bare.toFixed(1)} ms, ratio ${(mine / bare).toFixed(2)}`,
  )
}

/** Milliseconds from the due range to its announcement. */
async function announce({ bus, messages }: ServiceContext, number: number): Promise<number> {
  const [from, to] = [begin + number * week, begin + (number + 1) * week]
  await messages.ingest(communityId, [messageOf(communityId, from + 1)], 'pending')
  const after = await bus.lastSequence()
  const start = performance.now()
  const payload = { from, to, intervalSeconds: week }
  await bus.publish({
    id: eventId('ArchiveDue', communityId, `${from}-${to}`),
    name: 'ArchiveDue',
    communityId,
    payload,
  })
  await logHas('MagnetLinkDispatched', after)
  return performance.now() - start
}

async function logHas(name: EventName, after: number): Promise<void> {
  const stop = new AbortController()
  for await (const _ of context.bus.read({ after, names: [name], follow: true, signal: stop.signal }))
    return stop.abort()
}

/** Milliseconds of so many acknowledged messages and majority writes, one after the other, again and again. */
async function steps(messages: number, writes: number): Promise<number[]> {
  const name = `raw-${randomBytes(4).toString('hex')}`
  const manager = await cluster.nats.jetstream.jetstreamManager()
  await manager.streams.add({ name, subjects: [`${name}.>`] })
  const rows = cluster.mongo.database.collection<{ _id: number }>('raw')
  const payload = randomBytes(500)
  const durations: number[] = []
  for (let round = 0; round < weeks; round += 1) {
    const start = performance.now()
    for (let at = 0; at < messages; at += 1) await cluster.nats.jetstream.publish(`${name}.${round}.${at}`, payload)
    for (let at = 0; at < writes; at += 1) await rows.insertOne({ _id: round * writes + at })
    durations.push(performance.now() - start)
  }
  await manager.streams.delete(name)
  return durations
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0
}
