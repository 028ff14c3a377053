import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, testFolder } from '../testing/open-nodes.ts'
import { startChildNode } from '../testing/start-child-node.ts'

/** By hand: how fast one process fetches from another. */
const rawSizes = Array.from({ length: Number(process.argv[2] ?? 10) }, () => 30_000_000)
const history = makeHistory({ rawSizes })
await using folder = await testFolder()
await using child = startChildNode('store', `${folder.path}/a`, rawSizes.join(), '300')
const start = performance.now()
const { port } = await child.until((line) => line.port !== undefined)
report('made and stored', start)
await using node = await openTestNode(`${folder.path}/b`)
const fetching = performance.now()
await using fetch = await fetchFrom(node, history, [`127.0.0.1:${port}`])
await fetch.index()
await fetch.range(0, fetch.dataBytes)
report('fetched', fetching)
const reading = performance.now()
let bytes = 0
for await (const part of fetch.read(0, fetch.dataBytes)) bytes += part.length
report(`read ${bytes} bytes`, reading)

function report(what: string, since: number): void {
  const seconds = (performance.now() - since) / 1_000
  const megabytes = history.data.length / 1e6
  const rss = Math.round(process.memoryUsage().rss / 1e6)
  console.log(
    `${what}: ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(0)} MB/s; ${rss} MB`,
  )
}
