import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { encodeTorrentFile } from '@annals/archive'
import { describe, expect, test } from 'vitest'
import { interopClients } from '../testing/interop-clients.ts'
import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startTracker } from './tracker/start-tracker.ts'

const run = promisify(execFile)
const clients = interopClients()
const script = fileURLToPath(new URL('../testing/libtorrent-client.py', import.meta.url))
const history = makeHistory({ rawSizes: [50_000, 1_250_000, 102_400], indexBytes: 150_000 })
const { communityId, torrent } = history

if (!clients && !process.env['CI']) {
  console.warn('aria2 and libtorrent are not here and cannot be installed: not tested against them')
}

async function torrentFile(folder: string, trackers: readonly string[]): Promise<string> {
  const path = `${folder}/archives.torrent`
  await writeFile(path, encodeTorrentFile({ infoBytes: torrent.infoBytes, trackers }))
  return path
}

async function hasHistory(folder: string): Promise<boolean> {
  const data = await readFile(`${folder}/${communityId}/data`)
  return data.equals(history.data) && (await readFile(`${folder}/${communityId}/index`)).equals(history.index)
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString().trim()
}

describe.skipIf(!clients && !process.env['CI'])('other clients', () => {
  test('aria2 downloads what a node seeds, metadata included, by a tracker', async () => {
    await using folder = await testFolder()
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using seeder = await openTestNode(`${folder.path}/node`, { trackers: [tracker.announceUrl] })
    await storeAndSeed(seeder, history)
    const magnetLink = history.magnetLink({ trackers: [tracker.announceUrl] })
    const options = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--seed-time=0', '--quiet']
    const more = ['--bt-stop-timeout=120', '--interface=127.0.0.1', '--no-conf', `--dir=${folder.path}/aria2`]
    await run(clients!.aria2c, [...options, ...more, magnetLink], { timeout: 200_000 })
    expect(await hasHistory(`${folder.path}/aria2`)).toBe(true)
  })

  test.for(['directly', 'by a tracker'])('libtorrent downloads what a node seeds, %s', async (way) => {
    await using folder = await testFolder()
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    const trackers = way === 'directly' ? [] : [tracker.announceUrl]
    await using seeder = await openTestNode(`${folder.path}/node`, { trackers })
    await storeAndSeed(seeder, history)
    const file = await torrentFile(folder.path, trackers)
    const peer = way === 'directly' ? peerOf(seeder) : '-'
    await mkdir(`${folder.path}/libtorrent`)
    await run(clients!.python, [script, 'fetch', file, `${folder.path}/libtorrent`, peer], { timeout: 200_000 })
    expect(await hasHistory(`${folder.path}/libtorrent`)).toBe(true)
  })

  test('a node fetches, metadata included, what libtorrent seeds', async () => {
    await using folder = await testFolder()
    const seeds = `${folder.path}/libtorrent/${communityId}`
    await mkdir(seeds, { recursive: true })
    await writeFile(`${seeds}/data`, history.data)
    await writeFile(`${seeds}/index`, history.index)
    const file = await torrentFile(folder.path, [])
    const child = spawn(clients!.python, [script, 'seed', file, `${folder.path}/libtorrent`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    try {
      const port = await firstLine(child)
      await using node = await openTestNode(`${folder.path}/node`)
      await using fetch = await fetchFrom(node, history, [`127.0.0.1:${port}`])
      expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
      await fetch.range(0, fetch.dataBytes)
      expect((await readAll(fetch)).equals(history.data)).toBe(true)
      expect(fetch.downloadedBytes()).toBe(history.data.length + history.index.length)
    } finally {
      child.stdin.end()
      await exited
    }
  })
})
