import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { instruments } from '@annals/telemetry'
import type { OtlpReceiver } from '@annals/telemetry/testing'
import { startOtlpReceiver } from '@annals/telemetry/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveWay, orphansOf, stepsOf, wayBegins } from './support/archive-way.ts'
import { addControlled, addMember, beginning, Chronicle, sealRound, waitUntilServed } from './support/chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

/** What a control node and a member tell when nothing is wrong. */
const told = [
  'annals.announcement.sent',
  'annals.announcement.taken',
  'annals.archive.behind',
  'annals.archive.behind.max',
  'annals.archive.communities',
  'annals.archive.sealed',
  'annals.archive.sealed.messages',
  'annals.archive.sealed.size',
  'annals.consumer.lag',
  'annals.deadletter.count',
  'annals.due.age',
  'annals.event.wait',
  'annals.fetch.downloaded',
  'annals.fetch.duration',
  'annals.import.messages',
  'annals.reach.duration',
  'annals.reach.unreachable',
  'annals.seeding.seeders',
  'annals.seeding.seeders.min',
  'annals.seeding.torrents',
  'annals.seeding.uploaded',
  'annals.swarm.peers',
  'messaging.client.sent.messages',
  'messaging.process.duration',
  'nodejs.eventloop.delay.p99',
  'nodejs.eventloop.utilization',
  'process.cpu.time',
  'process.memory.usage',
  'process.uptime',
  'v8js.memory.heap.used',
]

const token = 'a-token-that-is-sent-along'
const chronicle = new Chronicle(2, 20, 1)
const rounds = [0, 1]

let receiver: OtlpReceiver
let logs: readonly string[]
/** Names under which secrets are looked for, with a form of each. */
let secrets: readonly (readonly [string, string | Buffer])[]

/** A control node and a member live through two weeks and tell the receiver of it. */
beforeAll(async () => {
  receiver = await startOtlpReceiver()
  await using world = await World.create(beginning)
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${token}`,
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    ANNALS_FETCH_PROBE_SECONDS: '1',
  }
  await using control = new RestartableNode(world, 'control', world.start('control', { environment }))
  await using member = new RestartableNode(world, 'member', world.start('member', { environment }))
  const communityId = await addControlled(control)
  await addMember(member, communityId)
  for (const round of rounds)
    await waitUntilServed(member, await sealRound(world, control, communityId, chronicle, round))
  await receiver.until(() => told.every((name) => receiver.metrics.some((metric) => metric.name === name)))
  await control[Symbol.asyncDispose]()
  await member[Symbol.asyncDispose]()
  const folders = ['control', 'member'].map((name) => join(world.folder, name))
  logs = await Promise.all(folders.map((folder) => readFile(join(folder, 'node.log'), 'utf8')))
  secrets = await secretsOf(folders)
}, 300_000)

afterAll(() => receiver[Symbol.asyncDispose]())

async function secretsOf(folders: readonly string[]): Promise<typeof secrets> {
  const privateKey = Buffer.alloc(32, 7)
  const masterKeys = await Promise.all(folders.map((folder) => readFile(join(folder, 'data', 'master.key'))))
  const keys = [privateKey, ...masterKeys].flatMap((key) => [
    ['a key', key.subarray(0, 16)] as const,
    ['a key in hex', key.toString('hex').slice(0, 32)] as const,
    ['a key in base64', key.toString('base64').slice(0, 20)] as const,
  ])
  const records = rounds.flatMap((round) => chronicle.recordsOf(round))
  // Shorter names are found in hex digits.
  const authors = records.map(({ authorName }) => authorName).filter((name) => name.length > 5)
  return [
    ...keys,
    ['the token', token],
    ...records.map(({ text }) => ['a message', text.slice(0, 24)] as const),
    ...authors.map((name) => ['an author', name] as const),
    ["the community's name", 'Chronicle'],
  ]
}

function archives(): string[] {
  return receiver.spans.filter(({ name }) => name === wayBegins).map(({ traceId }) => traceId)
}

describe('telemetry of a control node and a member', () => {
  it('shows the way of each archive, from the clock to the copy of a member, as one trace', () => {
    expect(archives()).toHaveLength(rounds.length)
    for (const traceId of archives())
      expect(stepsOf(receiver.spans, traceId)).toEqual(expect.arrayContaining([...archiveWay]))
  })

  it('has no span that its trace does not lead to', () => {
    expect(orphansOf(receiver.spans)).toStrictEqual([])
  })

  it('tells the metrics that operators look at, and none that is not listed', () => {
    const names = new Set(receiver.metrics.map(({ name }) => name))
    expect([...names].filter((name) => !Object.values(instruments).some((each) => each.name === name))).toStrictEqual(
      [],
    )
    const seen = (name: string): number[] =>
      receiver.metrics.filter((each) => each.name === name).map(({ value }) => value)
    const messages = rounds.flatMap((round) => chronicle.recordsOf(round)).length
    expect(Math.max(...seen('annals.archive.sealed.messages'))).toBe(messages)
    expect(Math.max(...seen('annals.import.messages'))).toBe(messages)
    expect(Math.max(...seen('annals.deadletter.count'))).toBe(0)
    expect(Math.max(...seen('annals.seeding.seeders'))).toBe(1)
    expect(seen('annals.reach.duration').length).toBeGreaterThan(0)
    expect(Math.max(...seen('annals.reach.unreachable'))).toBe(0)
    expect(Math.max(...seen('annals.consumer.lag'))).toBeGreaterThanOrEqual(0)
  })

  it('names spans and metrics as the page about it does', async () => {
    const page = await readFile(join(import.meta.dirname, '..', 'docs', 'telemetry.md'), 'utf8')
    const listed = page.split('\n').flatMap((line) => /^\| `([^`]+)` /.exec(line)?.[1] ?? [])
    const forms = listed.map(
      (name) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll(/<[a-z]+>/g, '[\\w-]+')}$`),
    )
    const names = new Set([...receiver.spans, ...receiver.metrics].map(({ name }) => name))
    expect([...names].filter((name) => !forms.some((form) => form.test(name)))).toStrictEqual([])
  })

  it('writes the trace into the lines of the log that belong to one', () => {
    const lines = logs.flatMap((log) => log.split('\n').filter((line) => line.startsWith('{')))
    const traces = lines.flatMap((line) => (JSON.parse(line) as { trace_id?: string }).trace_id ?? [])
    const known = new Set(receiver.spans.map(({ traceId }) => traceId))
    expect(traces.filter((traceId) => !known.has(traceId))).toStrictEqual([])
    expect(traces.length).toBeGreaterThan(0)
  })

  it('has no message, name, key or token in anything that is sent or logged', () => {
    const sent = Buffer.concat(receiver.requests.map(({ body }) => body))
    const log = Buffer.from(logs.join('\n'))
    expect(secrets.filter(([, form]) => sent.includes(form)).map(([name]) => name)).toStrictEqual([])
    expect(secrets.filter(([, form]) => log.includes(form)).map(([name]) => name)).toStrictEqual([])
    // It did look where something is.
    expect(sent.includes('annals.community.id')).toBe(true)
    expect(receiver.requests.every(({ headers }) => headers.authorization === token)).toBe(true)
  })
})
