import { makeHistory } from './make-history.ts'
import { fetchFrom, openTestNode, storeAndSeed } from './open-nodes.ts'

/**
 * A node in a process of its own, to be killed: `child-node.ts store|fetch FOLDER RAW_SIZES INDEX_BYTES [PEER]`.
 * Prints the number of the pieces that are recorded as they come, its address when it serves, and what went over the
 * wire when it has fetched everything.
 */
const [work = '', folder = '', sizes = '', indexBytes = '', peer = ''] = process.argv.slice(2)
const history = makeHistory({ rawSizes: sizes.split(',').map(Number), indexBytes: Number(indexBytes) })
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const node = await openTestNode(folder)
if (work === 'store') {
  print({ begun: true })
  await storeAndSeed(node, history)
  print({ port: node.address.port })
} else {
  await using fetch = await fetchFrom(node, history, [peer], {
    onProgress: ({ downloadedBytes }) => print({ downloadedBytes }),
  })
  await fetch.index()
  await fetch.range(0, fetch.dataBytes)
  await node.seed(history.communityId, history.torrent.infoHash)
  print({ fetchedBytes: fetch.downloadedBytes(), port: node.address.port })
}
// Serves until it is killed or its input ends.
process.stdin.resume()
process.stdin.on('end', () => void node[Symbol.asyncDispose]())
