import { randomBytes, randomUUID } from 'node:crypto'
import type { WakuMessage } from '@annals/archive'
import type { CollectionDefinition } from '@annals/storage'
import { connectMongo, openGridfsBlobs, openMongoMessages, openMongoState } from '@annals/storage/mongo'
import { toDocument } from '../src/mongo/message-documents.ts'
import { MessageKeys } from '../src/mongo/message-keys.ts'

// node libs/storage/bench/mongo-ingest.ts mongodb://HOST:PORT [messages]: how fast messages of 500 bytes are stored and
// read, beside the driver's `insertMany` of the same documents into a collection without any index of its own; how fast
// documents are put and claimed, one by one and many at once, with 100,000 due; blobs.

const [uri = 'mongodb://127.0.0.1:27017', messages = '100000', due = '100000'] = process.argv.slice(2)
const count = Number(messages)
const batchSize = 2000
await using link = await connectMongo({ uri, namespace: `bench-${randomUUID()}`, appName: 'annals-bench' })
const payload = randomBytes(391)
const sig = randomBytes(65)
const padding = randomBytes(8)
const topic = randomBytes(4)

function* batches(): Iterable<WakuMessage[]> {
  const pool = randomBytes(32 * count)
  for (let start = 0; start < count; start += batchSize) {
    yield Array.from({ length: Math.min(batchSize, count - start) }, (_, offset) => {
      const index = start + offset
      const hash = pool.subarray(index * 32, index * 32 + 32)
      return { timestamp: 1_600_000_000 + (index >> 2), hash, topic, sig, padding, payload, thirdPartyId: '' }
    })
  }
}

async function measure(name: string, items: number, work: () => Promise<unknown>, beside?: number): Promise<number> {
  const start = performance.now()
  await work()
  const rate = items / ((performance.now() - start) / 1000)
  const ratio = beside === undefined ? '' : `, ${((rate / beside) * 100).toFixed(0)} % of that`
  console.log(`${name.padEnd(48)} ${rate.toFixed(0).padStart(8)} /s${ratio}`)
  return rate
}

const communityId = (name: string): string => `0x02${Buffer.from(name).toString('hex').padEnd(64, '0')}`

async function insertRaw(state: 'pending' | 'archived'): Promise<void> {
  const keys = new MessageKeys(communityId('raw'))
  for (const batch of batches()) {
    const documents = batch.map((message) => toDocument(keys, message, state))
    await link.database.collection<{ _id: string }>(`raw-${state}`).insertMany(documents, { ordered: false })
  }
}

try {
  await using store = await openMongoMessages({ link })
  const batchesOf = 10 * batchSize
  const ingest = async (state: 'pending' | 'archived', name: string): Promise<void> => {
    let gathered: WakuMessage[] = []
    for (const batch of batches()) {
      gathered.push(...batch)
      if (gathered.length < batchesOf) continue
      await store.ingest(communityId(name), gathered, state)
      gathered = []
    }
    await store.ingest(communityId(name), gathered, state)
  }
  await ingest('archived', 'warm up')
  for (const state of ['archived', 'pending'] as const) {
    const raw = await measure(`insertMany, as ${state}`, count, () => insertRaw(state))
    await measure(`ingest, ${state}`, count, () => ingest(state, state), raw)
  }
  const id = communityId('pending')
  const known: WakuMessage[] = []
  for await (const batch of store.range(id, {})) if (known.length < 20_000) known.push(...batch)
  await measure('ingest, all known', known.length, () => store.ingest(id, known, 'pending'))
  await measure('read a range', count, async () => {
    for await (const _batch of store.range(id, {}));
  })
  await measure('count what is pending', 1, () => store.pendingCount(id, [topic]))
  await measure('the age of what is held', 1, () => store.span(id, [topic]))
  await measure('read what is pending', count, async () => {
    for await (const _batch of store.pending(id, { before: 2e9, topics: [topic] }));
  })
  await measure('settle', known.length, () => store.settle(id, known, 'archived'))
  await measure('forget a community', count, () => store.deleteCommunity(id))

  interface Task {
    readonly due: number
  }
  const definition: CollectionDefinition<Task> = {
    name: 'tasks',
    parse: (value) => value as Task,
    dueAt: (value) => value.due,
  }
  await using state = await openMongoState({ link })
  const tasks = state.collection(definition)
  const all = Array.from({ length: Number(due) }, (_, index) => ({
    id: communityId(`task ${index}`),
    value: { due: (index * 7919) % Number(due) },
    expectedVersion: 0,
  }))
  await measure('put many documents', all.length, () => tasks.putMany(all))
  const some = 500
  await measure('put, one by one', some, async () => {
    for (const { id, value } of all.slice(0, some)) await tasks.put(id, value, 1)
  })
  const claim = { owner: 'bench', now: 1e9, leaseSeconds: 60 }
  await measure('claim the first', 1, () => tasks.claimDue(claim))
  await measure('claim, one by one', some, async () => {
    for (let index = 0; index < some; index++) await tasks.claimDue(claim)
  })
  await measure('claim and put, 8 side by side', 8 * 100, () =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let index = 0; index < 100; index++) {
          const row = await tasks.claimDue(claim)
          if (row !== undefined) await tasks.put(row.id, { due: 2e9 }, row.version)
        }
      }),
    ),
  )
  for (const limit of [10, 100, 1000]) {
    await measure(`claim and put, ${limit} at once`, 5000, async () => {
      for (let index = 0; index < 5000; index += limit) {
        const rows = await tasks.claimDueMany(claim, limit)
        await tasks.putMany(rows.map(({ id, version }) => ({ id, value: { due: 2e9 }, expectedVersion: version })))
      }
    })
  }
  await measure('the next moment', 1, () => tasks.nextDueAt())
  await measure('list', all.length, async () => {
    for await (const _row of tasks.list());
  })

  await using blobs = await openGridfsBlobs({ link })
  const parts = Array.from({ length: 64 }, () => randomBytes(1024 * 1024))
  const { key } = await blobs.put([randomBytes(10)])
  await measure('put a blob again', 1, () => blobs.put(blobs.read(key)))
  let large = ''
  await measure('put a blob of 64 MiB, MiB', parts.length, async () => {
    large = (await blobs.put(parts)).key
  })
  await measure('read it, MiB', parts.length, async () => {
    for await (const _part of blobs.read(large));
  })
} finally {
  await link.database.dropDatabase()
}
