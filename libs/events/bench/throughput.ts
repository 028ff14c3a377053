import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedBus } from '@annals/events'
import { Arrivals, community, consumer, due } from '@annals/events/testing'

// node libs/events/bench/throughput.ts [events]: publishes a second, one after another and side by side, how fast a
// consumer works off a backlog, and how long an event takes from publish to handler.

const count = Number(process.argv[2] ?? 20_000)
const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
let week = 0
const next = (): ReturnType<typeof due> => due(community(week % 50), week++)

async function measure(name: string, events: number, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await work()
  console.log(`${name.padEnd(34)} ${Math.round((events / (performance.now() - start)) * 1000)} events/s`)
}

await using bus = await openEmbeddedBus({ path: join(folder, 'events.db') })
await measure('publish one after another', count / 10, async () => {
  for (let index = 0; index < count / 10; index++) await bus.publish(next())
})
await measure('publish 100 side by side', count, async () => {
  for (let index = 0; index < count; index += 100) {
    await Promise.all(Array.from({ length: 100 }, () => bus.publish(next())))
  }
})
await measure('work off the backlog, 16 at once', count * 1.1, async () => {
  await using consumption = await bus.consume(consumer('backlog', ['ArchiveDue'], { concurrency: 16 }), async () => {})
  await consumption.idle()
})

const latencies: number[] = []
const handled = new Arrivals<number>()
await using _consumption = await bus.consume(consumer('latency', ['ArchiveDue'], { startFrom: 'end' }), async () => {
  handled.add(performance.now())
})
for (let index = 0; index < 2000; index++) {
  const start = performance.now()
  await bus.publish(next())
  const all = await handled.count(index + 1)
  latencies.push((all[index] ?? 0) - start)
}
latencies.sort((a, b) => a - b)
const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2)
console.log(`publish to handler                 p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`)
await rm(folder, { recursive: true })
