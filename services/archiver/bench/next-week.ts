// node services/archiver/bench/next-week.ts [weeks] [megabytes of a week]: what one more week costs after many weeks,
// beside the second week of a young community in the same run: the whole way of the archiver over the embedded engines,
// from ArchiveDue to ArchiveCreated (pending messages, archives, blobs, index, torrent, catalogue, settling).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkbench } from './workbench.ts'

const weeks = Number(process.argv[2] ?? 500)
const megabytes = Number(process.argv[3] ?? 5)
const samples = 15

const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
try {
  await using bench = await startWorkbench(folder)
  const old = await bench.addCommunity('old')
  const begun = performance.now()
  for (let week = 0; week < weeks; week += 1) await bench.ingestWeek(old, week, megabytes)
  const ingested = performance.now()
  const sealed = await bench.seal(old, 0, weeks)
  const total = weeks * megabytes
  console.log(
    `${weeks} weeks of ${megabytes} MB: stored at ${rate(total, ingested - begun)}, sealed at ${rate(total, sealed)}`,
  )

  // One by one, so that both see the same machine.
  const second: number[] = []
  const later: number[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    const young = await bench.addCommunity(`young ${sample}`)
    await bench.ingestWeek(young, 0, megabytes)
    await bench.seal(young, 0, 1)
    await bench.ingestWeek(young, 1, megabytes)
    second.push(await bench.seal(young, 1, 2))
    const week = weeks + sample
    await bench.ingestWeek(old, week, megabytes)
    later.push(await bench.seal(old, week, week + 1))
  }
  console.log(`week 2:                ${median(second).toFixed(1)} ms`)
  console.log(
    `a week after ${weeks} weeks: ${median(later).toFixed(1)} ms, ${(median(later) / median(second)).toFixed(2)} x week 2`,
  )
} finally {
  await rm(folder, { recursive: true })
}

function rate(total: number, milliseconds: number): string {
  return `${((total / milliseconds) * 1000).toFixed(0)} MB/s`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
