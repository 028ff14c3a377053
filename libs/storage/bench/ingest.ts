import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { WakuMessage } from '@annals/archive'
import { openSqliteMessages } from '@annals/storage'

// node libs/storage/bench/ingest.ts [messages]: how fast messages of 500 bytes are stored and read, beside a plain loop
// of inserts into a table without any index.

const count = Number(process.argv[2] ?? 200_000)
const batchSize = 2000
const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
const pool = randomBytes(32 * count)
const payload = randomBytes(391)
const sig = randomBytes(65)
const padding = randomBytes(8)
const topic = randomBytes(4)

function* batches(): Iterable<WakuMessage[]> {
  for (let start = 0; start < count; start += batchSize) {
    yield Array.from({ length: Math.min(batchSize, count - start) }, (_, offset) => {
      const index = start + offset
      const hash = pool.subarray(index * 32, index * 32 + 32)
      return { timestamp: 1_600_000_000 + (index >> 2), hash, topic, sig, padding, payload, thirdPartyId: '' }
    })
  }
}

async function measure(name: string, work: () => Promise<unknown> | void): Promise<void> {
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const rate = Math.round(count / seconds)
  console.log(`${name.padEnd(34)} ${rate} messages/s, ${((rate * 500) / 1e6).toFixed(1)} MB/s`)
}

await measure('plain inserts', () => {
  const database = new DatabaseSync(join(folder, 'plain.db'))
  database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE m (timestamp INTEGER, hash BLOB, topic BLOB, sig BLOB, padding BLOB, payload BLOB)')
  const insert = database.prepare('INSERT INTO m VALUES (?, ?, ?, ?, ?, ?)')
  for (const batch of batches()) {
    database.exec('BEGIN')
    for (const { timestamp, hash, topic, sig, padding, payload } of batch) {
      insert.run(timestamp, hash, topic, sig, padding, payload)
    }
    database.exec('COMMIT')
  }
  database.close()
})

await using store = await openSqliteMessages({ path: join(folder, 'messages.db') })
for (const state of ['archived', 'pending'] as const) {
  await measure(`ingest, ${state}`, async () => {
    for (const batch of batches()) await store.ingest(state, batch, state)
  })
}
await measure('ingest, all known', async () => {
  for (const batch of batches()) await store.ingest('archived', batch, 'archived')
})
await measure('read a range', async () => {
  for await (const _batch of store.range('archived', {}));
})
await measure('read what is pending and settle it', async () => {
  for await (const batch of store.pending('pending', { before: 2e9, topics: [topic] })) {
    await store.settle('pending', batch, 'archived')
  }
})
await measure('forget a community', () => store.deleteCommunity('pending'))
await rm(folder, { recursive: true })
