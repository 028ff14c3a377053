import { makeHistory } from '../testing/make-history.ts'
import { openTestNode, testFolder } from '../testing/open-nodes.ts'

/** By hand: how long a restarted node takes to seed many communities, and what memory that takes. */
const communities = Number(process.argv[2] ?? 1_000)
const pieces = Number(process.argv[3] ?? 20)
const megabytes = (): number => Math.round(process.memoryUsage().rss / 1e6)

await using folder = await testFolder()
const known: { communityId: string; infoHash: string }[] = []
{
  await using node = await openTestNode(folder.path)
  const start = performance.now()
  for (let community = 0; community < communities; community += 1) {
    const { communityId, torrent, archives, index } = makeHistory({ community, rawSizes: [pieces * 102_400 - 1] })
    await node.store(torrent, archives, index)
    known.push({ communityId, infoHash: torrent.infoHash })
  }
  console.log(`stored ${communities} communities of ${pieces} pieces: ${seconds(start)} s, ${megabytes()} MB`)
}
globalThis.gc?.()
const before = megabytes()
await using node = await openTestNode(folder.path)
const start = performance.now()
for (const { communityId, infoHash } of known) await node.seed(communityId, infoHash)
console.log(`seeding ${node.seeding().length}: ${seconds(start)} s, ${before} -> ${megabytes()} MB`)
const idle = process.cpuUsage()
await new Promise((resolve) => setTimeout(resolve, 5_000))
const used = process.cpuUsage(idle)
console.log(`idle: ${((used.user + used.system) / 50_000).toFixed(1)} % of a core`)

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1)
}
