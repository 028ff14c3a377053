// How long ListHealth takes with 10,000 communities on NATS and a server of MongoDB's protocol, beside the embedded set, and
// beside the bare driver that reads and parses the same documents:
// node services/gateway/bench/health-on-servers.ts [communities] [mongodb://HOST:PORT]
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeMasterKeyFile } from '@annals/keys'
import { startMongo, startNats } from '@annals/local-servers'
import { connectMongo } from '@annals/storage/mongo'
import { collectHealth } from '../src/health/collect-health.ts'
import type { TestGateway } from '../src/testing/index.ts'
import { startTestGateway } from '../src/testing/index.ts'
import { ask } from '../src/testing/test-gateway.ts'
import { fillCommunities, rowsOfCommunities } from './fill-communities.ts'

const count = Number(process.argv[2] ?? 10_000)
const looks = 7
const namespace = `bench-${randomBytes(4).toString('hex')}`

const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
const masterKeyFile = join(folder, 'master.key')
makeMasterKeyFile(masterKeyFile)
await using nats = await startNats()
await using mongo = await startMongo({ address: process.argv[3] })
console.log(`${count} communities, on ${nats.origin} and ${mongo.origin}`)
await using link = await connectMongo({ uri: mongo.url, namespace, appName: 'bench' })
try {
  await using embedded = await startFilled({})
  await using servers = await startFilled({
    NATS_URL: nats.url,
    MONGODB_URI: mongo.url,
    ANNALS_NAMESPACE: namespace,
    ANNALS_MASTER_KEY_FILE: masterKeyFile,
  })
  // In turn, so that what else the machine does slows all of them.
  const taken = { embedded: [] as number[], servers: [] as number[], bare: [] as number[] }
  for (let look = 0; look < looks; look += 1) {
    taken.embedded.push(await millisecondsOf(() => collectHealth(embedded.context)))
    taken.servers.push(await millisecondsOf(() => collectHealth(servers.context)))
    taken.bare.push(await millisecondsOf(readBare))
  }
  const [onEmbedded, onServers, bare] = [medianOf(taken.embedded), medianOf(taken.servers), medianOf(taken.bare)]
  say('a look at all of them, on the embedded set', onEmbedded)
  say('a look at all of them, on MongoDB', onServers)
  say('reading the same documents with the bare driver', bare)
  say('ListHealth on MongoDB, the first that is asked', await millisecondsOf(() => list(servers, 0)))
  const pages: number[] = []
  for (let page = 1; page <= looks; page += 1) pages.push(await millisecondsOf(() => list(servers, page * 100)))
  say('ListHealth on MongoDB, a page of 100 after it', medianOf(pages))
  console.log(
    `a look on MongoDB takes ${(onServers / bare).toFixed(2)} times as long as bare reading, ` +
      `${(onServers / onEmbedded).toFixed(2)} times as long as on the embedded set`,
  )
} finally {
  await link.database.dropDatabase()
  await rm(folder, { recursive: true })
}

async function startFilled(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const gateway = await startTestGateway({ env })
  await fillCommunities(gateway, count)
  return gateway
}

async function list({ client }: TestGateway, offset: number): Promise<void> {
  const { total } = await ask(client, 'listHealth', {
    search: '',
    reasons: [],
    offset,
    limit: 100,
  })
  if (total !== count) throw new Error(`${total} communities are listed, not ${count}`)
}

async function readBare(): Promise<void> {
  for (const name of rowsOfCommunities) {
    const documents = await link.database.collection<{ _id: string; value: string }>(`state.${name}`).find().toArray()
    for (const { value } of documents) JSON.parse(value)
    if (documents.length < count) throw new Error(`${name} has ${documents.length} documents`)
  }
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

function say(what: string, milliseconds: number): void {
  console.log(`${what}: ${milliseconds.toFixed(0)} ms`)
}
