import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventBus } from '@annals/events'
import { openEmbeddedBus } from '@annals/events'
import { due } from '@annals/events/testing'
import type { Telemetry } from '@annals/telemetry'
import { silentTelemetry } from '@annals/telemetry'
import { startOtlpReceiver, telemetryTo } from '@annals/telemetry/testing'
import { consumerDefaults } from '../src/consumer-defaults.ts'
import { TracingBus } from '../src/telemetry/tracing-bus.ts'

/**
 * What telemetry costs: processor time for an event that is published and handled, without it, with it off, and with a
 * receiver. Processor time, since other work on the machine does not count there.
 */
const events = Number(process.argv[2] ?? 20_000)
const rounds = 5

async function measure(wrap: (bus: EventBus) => EventBus): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
  const bus = wrap(await openEmbeddedBus({ path: join(folder, 'events.db') }))
  const start = process.cpuUsage()
  let handled = 0
  await using consumption = await bus.consume(
    { ...consumerDefaults, name: 'bench', events: ['ArchiveDue'], concurrency: 16 },
    async () => void (handled += 1),
  )
  for (let at = 0; at < events; at += 100)
    await Promise.all(Array.from({ length: 100 }, (_, each) => bus.publish(due(`0x${at + each}`, 1))))
  await consumption.idle()
  const { user, system } = process.cpuUsage(start)
  await bus[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
  return (user + system) / handled
}

const wrapIn =
  (telemetry: Telemetry) =>
  (bus: EventBus): EventBus =>
    new TracingBus(bus, {
      tracing: telemetry.tracing('bench'),
      metrics: telemetry.metrics,
      system: 'annals',
      namespace: 'annals',
    })

await using receiver = await startOtlpReceiver()
await using on = await telemetryTo(receiver.endpoint, { protocol: 'http/protobuf', metricIntervalMilliseconds: 60_000 })
await using silent = await telemetryTo(receiver.endpoint, { sampler: 'always_off', metrics: false })
const ways: Record<string, (bus: EventBus) => EventBus> = {
  bare: (bus) => bus,
  off: wrapIn(silentTelemetry()),
  'on, nothing sampled': wrapIn(silent),
  on: wrapIn(on),
}
const results = new Map<string, number[]>()
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, wrap] of Object.entries(ways)) {
    const microseconds = await measure(wrap)
    // The first one warms up.
    if (round > 0) results.set(name, [...(results.get(name) ?? []), microseconds])
  }
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
for (const [name, values] of results) {
  const ratio = median(values) / median(results.get('bare') ?? [])
  process.stdout.write(`${name}: ${median(values).toFixed(1)} µs an event, ${ratio.toFixed(2)} of bare\n`)
}
