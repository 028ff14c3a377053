// node libs/archive/bench/seal.ts: sealing and reading 100 MB of 500-byte messages, against bare SHA-1 of the
// same bytes in the same run; then what week 501 costs beside week 2.
import { hash } from 'node:crypto'
import {
  decodeArchive,
  encodeIndex,
  encodeInfo,
  indexPieceHashes,
  infoHash,
  pieceLengthBytes,
  SealBuffer,
  sealArchives,
  type ArchiveEntry,
  type SealedArchive,
  type Sha1,
  type WakuMessage,
} from '../src/index.ts'

const sha1: Sha1 = (bytes) => hash('sha1', bytes, 'buffer')
const communityId = `0x02${'5'.repeat(64)}`
const weekSeconds = 604_800
const start = 1_704_067_200
const contentTopics = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)]
const batchMessages = 1_000
/** As an archiver keeps one. */
const buffer = new SealBuffer()

/** Messages of `payloadBytes` + 101 bytes of sender, topic and hash, spread over a week, every one with bytes of its own. */
function* week(number: number, messages: number, payloadBytes: number): Generator<WakuMessage[]> {
  const from = start + number * weekSeconds
  for (let first = 0; first < messages; first += batchMessages) {
    const count = Math.min(batchMessages, messages - first)
    const bytes = new Uint8Array(count * (payloadBytes + 101))
    for (let i = 0; i < bytes.length; i += 64) bytes[i] = first + i * 31
    let at = 0
    const take = (length: number): Uint8Array => bytes.subarray(at, (at += length))
    yield Array.from({ length: count }, (_, i) => ({
      sig: take(65),
      timestamp: from + Math.floor(((first + i) * weekSeconds) / messages),
      topic: take(4),
      payload: take(payloadBytes),
      padding: new Uint8Array(0),
      hash: take(32),
      thirdPartyId: '',
    }))
  }
}

/** Seals the batches, which are made beforehand so that only sealing is measured. Gives copies of the archives. */
async function seal(
  number: number,
  batches: WakuMessage[][],
  offsetBytes: number,
  keep: boolean,
): Promise<SealedArchive[]> {
  const from = start + number * weekSeconds
  const archives: SealedArchive[] = []
  const options = {
    from,
    to: from + weekSeconds,
    intervalSeconds: weekSeconds,
    contentTopics,
    offsetBytes,
    sha1,
    buffer,
  }
  for await (const sealed of sealArchives(batches, options))
    if (sealed.kind === 'archive') archives.push(keep ? { ...sealed, encoded: sealed.encoded.slice() } : sealed)
  return archives
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

async function measure(runs: number, run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < runs; i++) {
    const begun = performance.now()
    await run()
    times.push((performance.now() - begun) / 1000)
  }
  return median(times)
}

function report(name: string, seconds: number, megabytes: number, base: number): void {
  const rate = Math.round(megabytes / seconds)
  console.log(
    `${name.padEnd(28)} ${(seconds * 1000).toFixed(1).padStart(8)} ms ${rate.toString().padStart(6)} MB/s  ${(seconds / base).toFixed(2)} x bare SHA-1`,
  )
}

async function sealAndRead(): Promise<void> {
  // Ten times the same 10 MB: messages come from a store in batches, and only a few batches are alive at a time.
  const tenth = [...week(0, 20_000, 399)]
  const batches = Array.from({ length: 10 }, () => tenth).flat()
  const before = process.memoryUsage().rss
  const seconds = await measure(7, () => seal(0, batches, 0, false))
  const sealRss = process.resourceUsage().maxRSS * 1024 - before
  const archives = await seal(0, batches, 0, true)
  const megabytes = archives.reduce((sum, archive) => sum + archive.encoded.length, 0) / 1e6
  const bare = await measure(7, () => {
    for (const { encoded } of archives)
      for (let at = 0; at < encoded.length; at += pieceLengthBytes) sha1(encoded.subarray(at, at + pieceLengthBytes))
  })
  const read = (copy: boolean): number => {
    let bytes = 0
    for (const { encoded } of archives)
      for (const message of decodeArchive(encoded, { copy }).messages())
        if (!('rejected' in message)) bytes += message.payload.length
    return bytes
  }
  console.log(
    `${archives.length} archives, ${megabytes.toFixed(1)} MB; peak memory above the messages: ${Math.round(sealRss / 1e6)} MB`,
  )
  report('bare SHA-1 of the pieces', bare, megabytes, bare)
  report('seal', seconds, megabytes, bare)
  report('read, views', await measure(7, () => read(false)), megabytes, bare)
  report('read, copies', await measure(7, () => read(true)), megabytes, bare)
}

/** What a control node does for one more week, beside its storage: all that it keeps of the weeks before goes in. */
async function nextWeek(
  number: number,
  batches: WakuMessage[][],
  entries: ArchiveEntry[],
  pieces: Uint8Array[],
): Promise<string> {
  const last = entries.at(-1)
  const offsetBytes = last === undefined ? 0 : last.offsetBytes + last.sizeBytes
  const made = await seal(number, batches, offsetBytes, false)
  const all = [...entries, ...made.map((archive) => archive.entry)]
  const index = encodeIndex(all)
  const hashes = Buffer.concat([
    ...pieces,
    ...made.map((archive) => archive.pieceHashes),
    indexPieceHashes(index, sha1),
  ])
  const dataBytes = all.reduce((sum, entry) => sum + entry.sizeBytes, 0)
  return infoHash(encodeInfo({ communityId, dataBytes, indexBytes: index.length, pieces: hashes }), sha1)
}

async function historyCosts(): Promise<void> {
  const messages = 20_000
  const entries: ArchiveEntry[] = []
  const pieces: Uint8Array[] = []
  for (let number = 0; number < 500; number++) {
    const last = entries.at(-1)
    const offsetBytes = last === undefined ? 0 : last.offsetBytes + last.sizeBytes
    // The same messages each week, moved in time: what is measured does not depend on them.
    for (const archive of await seal(number, [...week(number, messages / 10, 399)], offsetBytes, false)) {
      entries.push(archive.entry)
      pieces.push(archive.pieceHashes)
    }
  }
  const second = [...week(1, messages, 399)]
  const late = [...week(500, messages, 399)]
  const few = await measure(31, () => nextWeek(1, second, entries.slice(0, 1), pieces.slice(0, 1)))
  const many = await measure(31, () => nextWeek(500, late, entries, pieces))
  console.log(
    `10 MB week 2: ${(few * 1000).toFixed(2)} ms; week 501: ${(many * 1000).toFixed(2)} ms (${(many / few).toFixed(2)} x)`,
  )
}

await sealAndRead()
await historyCosts()
