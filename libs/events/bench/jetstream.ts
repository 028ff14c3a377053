import { randomBytes } from 'node:crypto'
import { openNatsBus, busStreams } from '@annals/events/nats'
import { Arrivals, community, consumer, due } from '@annals/events/testing'
import { startNats } from '@annals/local-servers'
import { callJetStream, connectNats } from '@annals/nats'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

// node libs/events/bench/jetstream.ts [events] [url]: what the bus over NATS costs beside the client alone, on the same
// server: acknowledged publishes a second, and the time from a publish to the handler. Without an address it starts a
// server of its own, whose every acknowledgement waits for the disk.

const count = Number(process.argv[2] ?? 20_000)
const address = process.argv[3]
const rounds = 3
const hops = 2000
const sideBySide = 1000

await using server = await startNats(address === undefined ? {} : { address })
const namespace = `bench-${randomBytes(4).toString('hex')}`
const raw = await connect({ servers: server.url, noAsyncTraces: true })
const manager = await jetstreamManager(raw)
const rawStream = `${namespace}-raw`
await manager.streams.add({ name: rawStream, subjects: [`${rawStream}.>`] })
await using link = await connectNats({ servers: server.url, name: 'bench' })
await using bus = await openNatsBus({ link, namespace, replicas: 1, ackWaitSeconds: 30 })

let week = 0
const next = (): ReturnType<typeof due> => due(community(week % 50), week++)
const payload = randomBytes(20)

async function perSecond(publish: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  for (let done = 0; done < count; done += sideBySide) {
    await Promise.all(Array.from({ length: sideBySide }, publish))
  }
  return (count / (performance.now() - start)) * 1000
}

async function hopMilliseconds(
  publish: () => Promise<unknown>,
  arrived: Arrivals<number>,
): Promise<{ p50: number; p99: number }> {
  const hopTimes: number[] = []
  for (let hop = 0; hop < hops; hop++) {
    const before = arrived.all.length
    const start = performance.now()
    await Promise.all([publish(), arrived.count(before + 1)])
    hopTimes.push((arrived.all[before] ?? 0) - start)
  }
  hopTimes.sort((a, b) => a - b)
  const at = (share: number): number => hopTimes[Math.floor(hops * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

function report(what: string, unit: string, own: number, bare: number): void {
  const ratio = (own / bare).toFixed(2)
  console.log(
    `${what.padEnd(24)} bus ${own.toFixed(2)} ${unit}, client alone ${bare.toFixed(2)} ${unit}, ratio ${ratio}`,
  )
}

const js = jetstream(raw)
for (let round = 0; round < rounds; round++) {
  const bare = await perSecond(() => js.publish(`${rawStream}.events`, payload))
  report('publish', 'events/s', await perSecond(() => bus.publish(next())), bare)
}

const start = performance.now()
await using backlog = await bus.consume(consumer('backlog', ['ArchiveDue'], { concurrency: 16 }), async () => {})
await backlog.idle()
console.log(
  `work off the backlog     bus ${Math.round((count * rounds) / ((performance.now() - start) / 1000))} events/s`,
)
await backlog.drain()

await manager.consumers.add(rawStream, { durable_name: 'hop', deliver_policy: 'new', ack_policy: 'explicit' })
const rawArrived = new Arrivals<number>()
const messages = await (await js.consumers.get(rawStream, 'hop')).consume()
void (async () => {
  for await (const message of messages) {
    rawArrived.add(performance.now())
    message.ack()
  }
})()
const handled = new Arrivals<number>()
const spec = consumer('hop', ['ArchiveDue'], { startFrom: 'end' })
await using _consumption = await bus.consume(spec, async () => handled.add(performance.now()))
for (let round = 0; round < rounds; round++) {
  const bare = await hopMilliseconds(() => js.publish(`${rawStream}.events`, payload), rawArrived)
  const own = await hopMilliseconds(() => bus.publish(next()), handled)
  report('publish to handler, p50', 'ms', own.p50, bare.p50)
  report('publish to handler, p99', 'ms', own.p99, bare.p99)
}

const reads = 1000
const readStart = performance.now()
for (let index = 0; index < reads; index++) {
  for await (const event of bus.read({ communityId: community(index % 50), names: ['Unseeded', 'CommunityLeft'] })) {
    throw new Error(`nothing of that name was published, but ${event.id} is there`)
  }
}
console.log(`read that finds nothing  bus ${((performance.now() - readStart) / reads).toFixed(2)} ms`)

messages.stop()
for (const { name } of busStreams(namespace, 1)) await callJetStream(link, `STREAM.DELETE.${name}`)
await manager.streams.delete(rawStream)
await raw.close()
