import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeTorrentFile } from '@annals/archive'
import { expect, test } from 'vitest'
import type { Torrent } from 'webtorrent'
import { makeHistory } from '../testing/make-history.ts'
import { openBrowserLike } from '../testing/open-browser-like.ts'
import type { BrowserLike } from '../testing/open-browser-like.ts'
import { openTestNode, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startTracker } from './tracker/start-tracker.ts'

const history = makeHistory({ rawSizes: [50_000, 250_000], indexBytes: 50_000 })

async function contentOf(torrent: Torrent, file: string): Promise<Buffer> {
  const found = torrent.files.find(({ name }) => name === file)
  return Buffer.from((await found?.arrayBuffer()) ?? new ArrayBuffer())
}

test('a peer that speaks WebRTC alone fetches from a seeder by a tracker over WebSocket', async () => {
  await using folder = await testFolder()
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  await using seeder = await openTestNode(`${folder.path}/a`, { trackers: [tracker.socketUrl], webRtc: {} })
  await storeAndSeed(seeder, history)
  await expect.poll(() => tracker.desk.peers.browsers).toBe(1)
  await using browser = await openBrowserLike()
  const torrent = browser.client.add(history.magnetLink({ trackers: [tracker.socketUrl] }), browser.options)
  await once(torrent, 'done')
  expect((await contentOf(torrent, 'data')).equals(history.data)).toBe(true)
  expect((await contentOf(torrent, 'index')).equals(history.index)).toBe(true)
  expect(torrent.wires.map(({ type }) => type)).toEqual(['webrtc'])
  await seeder.unseed(history.communityId, history.torrent.infoHash)
  await expect.poll(() => tracker.desk.peers.browsers).toBe(1)
})

test('a seeder announces a torrent again that the tracker knows only later', async () => {
  await using folder = await testFolder()
  let knows = false
  const refused: string[] = []
  await using tracker = await startTracker({
    host: '127.0.0.1',
    port: 0,
    knows: () => knows,
    onRefused: (reason) => refused.push(reason),
  })
  await using seeder = await openTestNode(folder.path, { trackers: [tracker.socketUrl], webRtc: {} })
  await storeAndSeed(seeder, history)
  await expect.poll(() => refused).toEqual(['foreign'])
  knows = true
  await expect.poll(() => tracker.desk.peers.browsers, { timeout: 20_000 }).toBe(1)
})

/** Answers ranges of the torrent's files, as BEP 19 has it; with one byte altered where told to. */
async function startWebSeed(
  alter?: number,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: Set<string> }> {
  const asked = new Set<string>()
  const server = createServer((request, response) => {
    asked.add(request.url ?? '')
    const name = request.url?.split('/').at(-1)
    const file = Buffer.from(name === 'index' ? history.index : history.data)
    if (name === 'data' && alter !== undefined) file[alter]! ^= 1
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    response.writeHead(206).end(file.subarray(Number(first), Number(last) + 1))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/seeds/${history.torrent.infoHash}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The torrent in a browser that knows no peer. */
function addWithWebSeed(browser: BrowserLike, webSeed: string): Torrent {
  const torrentFile = encodeTorrentFile({ infoBytes: history.torrent.infoBytes, trackers: [] })
  return browser.client.add(torrentFile, { ...browser.options, announce: [], urlList: [webSeed] })
}

test('a browser fetches from a web seed alone', async () => {
  await using seed = await startWebSeed()
  await using browser = await openBrowserLike()
  const torrent = addWithWebSeed(browser, seed.url)
  await once(torrent, 'done')
  expect((await contentOf(torrent, 'data')).equals(history.data)).toBe(true)
  expect(torrent.wires.map(({ type }) => type)).toEqual(['webSeed'])
  const folder = `/seeds/${history.torrent.infoHash}/${history.communityId}`
  expect([...seed.asked].sort()).toEqual([`${folder}/data`, `${folder}/index`])
})

test('a piece that was altered on the way from a web seed is refused', async () => {
  await using seed = await startWebSeed(120_000)
  await using browser = await openBrowserLike()
  const torrent = addWithWebSeed(browser, seed.url)
  const [warning] = (await once(torrent, 'warning')) as [Error]
  expect(warning.message).toBe('Piece 1 failed verification')
  expect(torrent.bitfield.get(1)).toBe(false)
})

test('a process that ends with browsers connected ends as it is told to', async () => {
  const child = spawn(process.execPath, [new URL('../testing/end-with-browser.ts', import.meta.url).pathname], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (bytes) => (said += String(bytes)))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([code, signal, said]).toEqual([7, null, 'connected\n'])
})
