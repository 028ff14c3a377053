// node services/fetcher/bench/import.ts [megabytes]: a member's import: the bytes of fetched archives become blobs and
// messages in SQLite. Beside it, in the same run: decoding alone, and inserting alone into a table without any index.
import type { ArchiveEntry, SealedArchive, WakuMessage } from '@annals/archive'
import type { TorrentFetch } from '@annals/torrents'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decodeArchive, pieceLengthBytes, sealArchives } from '@annals/archive'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { readEnv, sha1, startNode } from '@annals/service'
import { pino } from 'pino'
import { importArchive } from '../src/import-archive.ts'

const megabytes = Number(process.argv[2] ?? 100)
const runs = 5
const [from, weekSeconds, messageBytes] = [1_704_067_200, 604_800, 500]
const topic = Uint8Array.of(1, 2, 3, 4)
const infoHash = '0'.repeat(40)
const { signal } = new AbortController()
const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
try {
  const archives = await makeArchives()
  const total = archives.reduce((sum, archive) => sum + archive.encoded.length, 0) / 1e6
  console.log(`${archives.length} archives, ${total.toFixed(1)} MB; medians of ${runs} runs`)
  const config = readEnv({
    ANNALS_DATA: join(folder, 'data'),
    ANNALS_CHANNEL: join(folder, 'channel'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
  })
  await using node = await startNode([], { keys: true, config, log: pino({ level: 'warn' }) })

  const times = { decode: [] as number[], insert: [] as number[], import: [] as number[], again: [] as number[] }
  const importAll = async (communityId: string): Promise<void> => {
    for (const archive of archives) {
      const { entry } = archive
      await importArchive(node.context, communityId, infoHash, fetchOf(archive), entry, archives.length, signal)
    }
  }
  // One after the other in each run, so that all see the same machine.
  for (let run = 0; run < runs; run += 1) {
    const communityId = communityIdOfPrivateKey(createHash('sha256').update(`run ${run}`).digest())
    times.decode.push(await seconds(() => archives.forEach((archive) => [...messagesOf(archive)])))
    times.insert.push(await seconds(() => insertPlainly(archives, join(folder, `plain-${run}.db`))))
    times.import.push(await seconds(() => importAll(communityId)))
    times.again.push(await seconds(() => importAll(communityId)))
    await node.context.messages.deleteCommunity(communityId)
  }
  const base = median(times.insert)
  for (const [name, key] of [
    ['decode alone', 'decode'],
    ['decode and insert, no index', 'insert'],
    ['import', 'import'],
    ['import again, all known', 'again'],
  ] as const) {
    const time = median(times[key])
    console.log(
      `${name.padEnd(28)} ${time.toFixed(2)} s ${(total / time).toFixed(0).padStart(5)} MB/s  ${(time / base).toFixed(2)} x plain insert`,
    )
  }
} finally {
  await rm(folder, { recursive: true })
}

async function makeArchives(): Promise<SealedArchive[]> {
  const count = Math.round((megabytes * 1e6) / messageBytes)
  const [sig, payload, padding] = [randomBytes(65), randomBytes(messageBytes - 129), randomBytes(8)]
  const messages = Array.from({ length: count }, (_, i): WakuMessage => {
    const timestamp = from + Math.floor((i * weekSeconds) / count)
    return { timestamp, hash: randomBytes(32), topic, sig, payload, padding, thirdPartyId: '' }
  })
  const range = { from, to: from + weekSeconds, intervalSeconds: weekSeconds }
  const archives: SealedArchive[] = []
  for await (const sealed of sealArchives([messages], { ...range, contentTopics: [topic], offsetBytes: 0, sha1 }))
    if (sealed.kind === 'archive') archives.push({ ...sealed, encoded: sealed.encoded.slice() })
  return archives
}

function* messagesOf({ encoded }: SealedArchive): Iterable<WakuMessage> {
  for (const message of decodeArchive(encoded).messages()) if (!('rejected' in message)) yield message
}

/** What is here of a fetch once `range` has brought an archive: its bytes, piece by piece, padding and all. */
function fetchOf({ encoded, entry }: { encoded: Uint8Array; entry: ArchiveEntry }): Pick<TorrentFetch, 'read'> {
  const padded = new Uint8Array(entry.sizeBytes)
  padded.set(encoded)
  return {
    async *read() {
      for (let at = 0; at < padded.length; at += pieceLengthBytes) yield padded.slice(at, at + pieceLengthBytes)
    },
  }
}

function insertPlainly(archives: readonly SealedArchive[], path: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE m (timestamp INTEGER, hash BLOB, topic BLOB, sig BLOB, padding BLOB, payload BLOB)')
  const insert = database.prepare('INSERT INTO m VALUES (?, ?, ?, ?, ?, ?)')
  for (const archive of archives) {
    database.exec('BEGIN')
    for (const { timestamp, hash, topic, sig, padding, payload } of messagesOf(archive))
      insert.run(timestamp, hash, topic, sig, padding, payload)
    database.exec('COMMIT')
  }
  database.close()
}

async function seconds(work: () => unknown): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
