// Seeds to a browser, and ends in the middle of it without closing anything.
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTracker } from '../src/tracker/start-tracker.ts'
import { makeHistory } from './make-history.ts'
import { openBrowserLike } from './open-browser-like.ts'
import { openTestNode, storeAndSeed } from './open-nodes.ts'

const history = makeHistory({ rawSizes: [5_000_000], indexBytes: 50_000 })
const folder = await mkdtemp(join(tmpdir(), 'annals-torrents-'))
const tracker = await startTracker({ host: '127.0.0.1', port: 0 })
const seeder = await openTestNode(folder, { trackers: [tracker.socketUrl], webRtc: {}, uploadBytesPerSecond: 100_000 })
await storeAndSeed(seeder, history)
const browser = await openBrowserLike()
const torrent = browser.client.add(history.magnetLink({ trackers: [tracker.socketUrl] }), browser.options)
await once(torrent, 'wire')
console.log('connected')
process.exit(7)
