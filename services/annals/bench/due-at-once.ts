// node services/annals/bench/due-at-once.ts [communities] [schedulers] [mongodb://HOST:PORT]: many communities whose first
// interval is over at the same moment. How long it takes from the clock's tick until the log has an ArchiveDue for each
// of them, with so many scheduler processes, beside acknowledged publishes of as many messages of the same size by the
// client alone, before and after.
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { DomainEvent, ScheduleEvent } from '@annals/community'
import { evolveSchedule, initialSchedule, scheduleEventNames } from '@annals/community'
import type { NewEvent } from '@annals/events'
import { eventId } from '@annals/events'
import { callJetStream } from '@annals/nats'
import { consumerDefaults } from '@annals/service'
import type { ScheduleDocument, Write } from '@annals/storage'
import { schedules } from '@annals/storage'
import { NodeProcess } from '../src/index.ts'
import { openClusterEngines, publishRaw } from './cluster-engines.ts'
import { processorTimes, processorTimeSince } from './processor-time.ts'

const communities = Number(process.argv[2] ?? 10_000)
const processes = Number(process.argv[3] ?? 1)
const begin = 1_704_067_200
const intervalSeconds = 604_800
/** What an ArchiveDue takes in the stream, headers and subject among it. */
const messageBytes = 700
const sideBySide = 1_000

await using cluster = await openClusterEngines(begin, process.argv[4])
const { engines, clock } = cluster
const rows = engines.state.collection(schedules)
await prepare()
await using stack = new AsyncDisposableStack()
for (let number = 1; number <= processes; number += 1) {
  const { logFile } = stack.use(
    await NodeProcess.start({
      folder: join(cluster.folder, `scheduler-${number}`),
      environment: { ...cluster.environment, ANNALS_INSTANCE: `scheduler-${number}`, ANNALS_LOG: 'info' },
      args: ['run', 'scheduler'],
    }),
  )
  // What it does at its start is not to be measured.
  while (!(await readFile(logFile, 'utf8')).includes('looked at all schedules')) await setTimeout(100)
}
await consumed()

const payload = randomBytes(messageBytes)
const before = await publishRaw(cluster, communities, payload)
const base = await engines.bus.lastSequence()
const used = processorTimes()
const start = performance.now()
await clock.forward(intervalSeconds)
await logReaches(base + communities)
const published = performance.now()
while (((await rows.nextDueAt()) ?? Infinity) < clock.now + intervalSeconds / 2) await setTimeout(20)
const rested = performance.now()
console.log(`processor time a community, ms: ${processorTimeSince(used, communities)}`)
await consumed()
const usedBare = processorTimes()
const after = await publishRaw(cluster, communities, payload)
console.log(`processor time a bare message, ms: ${processorTimeSince(usedBare, communities)}`)
const own = (communities / (published - start)) * 1000
const raw = 2 / (1 / before + 1 / after)
console.log(
  `${communities} due at once, ${processes} scheduler processes: ${seconds(published)} s until all are in the log ` +
    `(${own.toFixed(0)}/s), ${seconds(rested)} s until all rows are at rest`,
)
console.log(`client alone: ${before.toFixed(0)}/s before, ${after.toFixed(0)}/s after; ratio ${(own / raw).toFixed(2)}`)
await check(base)

function seconds(until: number): string {
  return ((until - start) / 1000).toFixed(1)
}

async function logReaches(sequence: number): Promise<void> {
  while ((await engines.bus.lastSequence()) < sequence) await setTimeout(20)
}

/** Waits until the schedulers have handled every event. */
async function consumed(): Promise<void> {
  const stream = `${cluster.environment['ANNALS_NAMESPACE']}`.toUpperCase()
  for (;;) {
    const info = await callJetStream<{ num_pending: number; num_ack_pending: number }>(
      cluster.nats,
      `CONSUMER.INFO.${stream}.scheduler`,
    )
    if (info.num_pending + info.num_ack_pending === 0) return
    await setTimeout(50)
  }
}

/** The log and the rows of communities that archive, have messages since `begin`, and wait for their first interval to end. */
async function prepare(): Promise<void> {
  for (let first = 0; first < communities; first += sideBySide) {
    const count = Math.min(sideBySide, communities - first)
    await rows.putMany(await Promise.all(Array.from({ length: count }, (_, index) => addCommunity(first + index))))
  }
  // The schedulers have handled all this.
  const handled = { ...consumerDefaults, name: 'scheduler', events: scheduleEventNames, startFrom: 'end' } as const
  await (await engines.bus.consume(handled, async () => {})).drain()
}

async function addCommunity(number: number): Promise<Write<ScheduleDocument>> {
  const communityId = `0x02${createHash('sha256').update(String(number)).digest('hex')}`
  const asked = { since: 0, until: begin }
  const chats = [{ channelId: 'general', name: '' }]
  const events: DomainEvent[] = [
    { name: 'CommunityAdded', idParts: [0], payload: { controlNode: true, name: '', chats } },
    { name: 'ArchivingEnabled', idParts: [1], payload: {} },
    { name: 'HistorySyncRequested', idParts: [1], payload: asked },
    { name: 'HistorySynced', idParts: [1], payload: { ...asked, oldestMessage: begin, newestMessage: begin } },
  ]
  let schedule = initialSchedule
  let lastEventId = ''
  for (const { name, idParts, payload } of events) {
    lastEventId = eventId(name, communityId, ...idParts)
    const event = { id: lastEventId, name, communityId, payload } as NewEvent
    const { sequence } = await engines.bus.publish(event, { source: 'bench' })
    schedule = evolveSchedule(schedule, { ...event, sequence } as ScheduleEvent)
  }
  const value = { schedule, lastEventId, decided: [], dueAt: begin + intervalSeconds }
  return { id: communityId, value, expectedVersion: 0 }
}

async function check(after: number): Promise<void> {
  const due = new Set<string>()
  for await (const { communityId } of engines.bus.read({ after, names: ['ArchiveDue'] })) due.add(communityId)
  if (due.size !== communities) throw new Error(`${due.size} communities were declared due, not ${communities}`)
}
