import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { encodeMagnetLink, pieceLengthBytes } from '@annals/archive'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { communityIdOf, makeHistory } from '../../testing/make-history.ts'
import { openTestNode, peerOf, storeAndSeed, testFolder } from '../../testing/open-nodes.ts'
import { handshake, message, startScriptedPeer, uint32, type Request } from '../../testing/scripted-peer.ts'
import { ArchiveRangeError, FetchAbortedError } from '../errors.ts'
import type { TorrentNode } from '../index.ts'
import { startTracker } from '../tracker/start-tracker.ts'
import { openStranger } from './open-stranger.ts'
import type { Patience, Stranger, StrangerReport } from './stranger.ts'

const history = makeHistory({ rawSizes: [250_000, 290_000], indexBytes: 150_000 })
const { communityId } = history
const { infoHash, infoBytes } = history.torrent
const content = Buffer.concat([history.data, history.index])
const pieces = Math.ceil(content.length / pieceLengthBytes)
const dataPieces = history.data.length / pieceLengthBytes
const newest = history.archives.at(-1)!
const patient: Patience = { metadataSeconds: 20, pieceSeconds: 20, wholeSeconds: 60, webSeedSeconds: 20 }
/** Where there are no peers to be waited for. */
const alone: Patience = { metadataSeconds: 0.02, pieceSeconds: 1, wholeSeconds: 1, webSeedSeconds: 0.3 }
const hurried: Patience = { metadataSeconds: 0.3, pieceSeconds: 0.5, wholeSeconds: 20, webSeedSeconds: 0.3 }

const honestBlock = ({ piece, offsetBytes, sizeBytes }: Request): Buffer => {
  const start = piece * pieceLengthBytes + offsetBytes
  return content.subarray(start, start + sizeBytes)
}
const indexAlone = (request: Request): Buffer | undefined =>
  request.piece < dataPieces ? undefined : honestBlock(request)
const badData = (request: Request): Uint8Array =>
  request.piece < dataPieces ? badBlock(request) : honestBlock(request)
const badBlock = ({ sizeBytes }: Request): Uint8Array => Buffer.alloc(sizeBytes, 1)

/** A web seed with everything, of which a test may change what it sends. */
function files(change: (bytes: Buffer) => Buffer = (bytes) => bytes): RequestListener {
  return (request, response) => {
    const name = request.url?.split('/').at(-1)
    if (name === 'info') {
      response.end(infoBytes)
      return
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const file = name === 'data' ? history.data : history.index
    response.writeHead(206).end(change(Buffer.from(file.subarray(Number(first), Number(last) + 1))))
  }
}
const silent: RequestListener = () => {}
const nothing: RequestListener = (_request, response) => {
  response.writeHead(404).end()
}
const foreign: RequestListener = (_request, response) => {
  response.end(Buffer.from(infoBytes).reverse())
}
const elsewhere: RequestListener = (_request, response) => {
  response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
}
const endless: RequestListener = (_request, response) => {
  const more = (): void => {
    if (response.write(Buffer.alloc(65_536))) setImmediate(more)
  }
  response.on('drain', more)
  more()
}

interface Look {
  readonly peers?: readonly string[]
  readonly trackers?: readonly string[]
  readonly webSeeds?: readonly string[]
  readonly infoHash?: string
  readonly signal?: AbortSignal
  readonly samples?: Parameters<Stranger['look']>[0]['samples']
}

function lookWith(stranger: Stranger, options: Look): Promise<StrangerReport> {
  const { peers = [], trackers = [], webSeeds = [] } = options
  const parts = { infoHash: options.infoHash ?? infoHash, communityId, trackers, peers, webSeeds }
  return stranger.look({
    communityId,
    magnetLink: encodeMagnetLink(parts),
    samples: options.samples ?? [newest, { offsetBytes: 0, sizeBytes: history.data.length }],
    signal: options.signal ?? new AbortController().signal,
  })
}

async function look(options: Look, patience = hurried): Promise<StrangerReport> {
  await using stranger = openStranger({ dht: false, patience })
  return await lookWith(stranger, options)
}

/** An HTTP server on loopback. */
async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/seeds/${infoHash}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a stranger and a seeder', () => {
  const stack = new AsyncDisposableStack()
  let seeder: TorrentNode
  beforeAll(async () => {
    const folder = stack.use(await testFolder())
    seeder = stack.use(await openTestNode(folder.path))
    await storeAndSeed(seeder, history)
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  test('who is named in the magnet link: metadata, index and samples come', async () => {
    const report = await look({ peers: [peerOf(seeder)] }, patient)
    expect(report).toMatchObject({ infoHash, failure: undefined, detail: '', peers: 1, webSeeds: [] })
    expect(report.downloadedBytes).toBeGreaterThanOrEqual(history.index.length + pieceLengthBytes)
    expect(report.downloadedBytes).toBeLessThan(content.length)
  })

  test('whom a tracker of the magnet link names', async () => {
    await using folder = await testFolder()
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using own = await openTestNode(folder.path, { trackers: [tracker.announceUrl] })
    await storeAndSeed(own, history)
    const report = await look({ trackers: [tracker.announceUrl, 'wss://127.0.0.1:9/announce'] }, patient)
    expect(report).toMatchObject({ failure: undefined, peers: 1 })
  })

  test('one after the other and at the same time, with one client', async () => {
    await using stranger = openStranger({ dht: false, patience: patient })
    const other = makeHistory({ community: 2, rawSizes: [90_000] })
    await storeAndSeed(seeder, other)
    const link = { infoHash: other.torrent.infoHash, communityId: other.communityId, trackers: [] }
    const reports = await Promise.all([
      lookWith(stranger, { peers: [peerOf(seeder)] }),
      stranger.look({
        communityId: other.communityId,
        magnetLink: encodeMagnetLink({ ...link, peers: [peerOf(seeder)] }),
        samples: other.archives,
        signal: new AbortController().signal,
      }),
    ])
    reports.push(await lookWith(stranger, { peers: [peerOf(seeder)] }))
    expect(reports.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
  })

  test('beside one who lies', async () => {
    await using liar = await startScriptedPeer({ infoHash, infoBytes, pieces, block: badBlock })
    expect(await look({ peers: [liar.address, peerOf(seeder)] }, patient)).toMatchObject({ failure: undefined })
  })
})

describe('a stranger says how far it came', () => {
  test('where there is nobody', async () => {
    let gone = ''
    {
      await using server = await serve(() => {})
      gone = new URL(server.url).host
    }
    expect(await look({ peers: [gone] })).toMatchObject({ failure: 'no-peers', peers: 0, downloadedBytes: 0 })
  })

  test('where a peer has no metadata, or that of another torrent, or says that it is larger than any', async () => {
    const huge = '13:metadata_sizei999999999e'
    const scripts = [
      { infoHash },
      { infoHash, infoBytes: Buffer.from(infoBytes).reverse() },
      {
        infoHash,
        greet: (send: (id: number, ...parts: Uint8Array[]) => void) =>
          send(20, Buffer.from([0]), Buffer.from(`d1:md11:ut_metadatai1ee${huge}e`)),
      },
    ]
    for (const script of scripts) {
      await using peer = await startScriptedPeer(script)
      const report = await look({ peers: [peer.address] })
      expect(report.failure).toBe('no-metadata')
      expect(report.peers).toBeGreaterThanOrEqual(1)
    }
  })

  test('where the torrent is another community’s', async () => {
    const foreign = makeHistory({ community: 3, rawSizes: [90_000] }).torrent
    await using peer = await startScriptedPeer({ ...foreign, pieces: 2 })
    const report = await look({ infoHash: foreign.infoHash, peers: [peer.address] })
    expect(report).toMatchObject({
      failure: 'bad-metadata',
      detail: expect.stringContaining(communityIdOf(3)) as string,
    })
    expect(peer.requests).toEqual([])
  })

  test('where nobody answers for the index, or for data', async () => {
    await using silent = await startScriptedPeer({ infoHash, infoBytes, pieces })
    expect(await look({ peers: [silent.address] })).toMatchObject({ failure: 'no-index', peers: 1, downloadedBytes: 0 })
    await using half = await startScriptedPeer({ infoHash, infoBytes, pieces, block: indexAlone })
    expect(await look({ peers: [half.address] })).toMatchObject({ failure: 'no-data', peers: 1 })
  })

  test('where pieces come with another hash', async () => {
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces, block: badData })
    expect(await look({ peers: [peer.address] })).toMatchObject({ failure: 'wrong-pieces' })
  })

  test('where pieces come without end in sight', async () => {
    const long = makeHistory({ rawSizes: [90_000], indexBytes: 40 * pieceLengthBytes })
    const whole = Buffer.concat([long.data, long.index])
    const asked = new Set<number>()
    await using peer = await startScriptedPeer({
      ...long.torrent,
      pieces: 41,
      block: ({ piece, offsetBytes, sizeBytes }) => {
        asked.add(piece)
        if (asked.size > 2) return undefined
        const start = piece * pieceLengthBytes + offsetBytes
        return whole.subarray(start, start + sizeBytes)
      },
    })
    const patience = { metadataSeconds: 20, pieceSeconds: 60, wholeSeconds: 2, webSeedSeconds: 1 }
    const late = { infoHash: long.torrent.infoHash, peers: [peer.address], samples: long.archives }
    expect(await look(late, patience)).toMatchObject({ failure: 'too-slow' })
    expect(asked.size).toBeGreaterThan(2)
  })
})

test('a stranger gives nothing, and nobody can connect to it', async () => {
  const blocks: number[] = []
  let port = 0
  await using peer = await startScriptedPeer({
    infoHash,
    infoBytes,
    pieces,
    block: honestBlock,
    greet: (_send, socket) => {
      port = socket.remotePort ?? 0
      // Interested, and asks for every piece.
      for (let piece = 0; piece < pieces; piece += 1)
        socket.write(Buffer.concat([message(2), message(6, uint32(piece, 0, 16_384))]))
      let received = Buffer.alloc(0)
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        for (;;) {
          const at = received.length < 4 ? Infinity : 4 + received.readUInt32BE(0)
          if (received.length < at) return
          const id = received[4]
          if (at > 4 && (id === 1 || id === 7)) blocks.push(id)
          received = received.subarray(at)
        }
      })
    },
  })
  expect(await look({ peers: [peer.address] }, patient)).toMatchObject({ failure: undefined })
  expect(port).toBeGreaterThan(0)
  expect(blocks).toEqual([])
})

test('a look ends when it is told to, and a sample that the torrent has not is the caller’s mistake', async () => {
  await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces })
  await using stranger = openStranger({ dht: false, patience: patient })
  const early = new AbortController()
  const asking = lookWith(stranger, { signal: early.signal })
  early.abort()
  await expect(asking).rejects.toBeInstanceOf(FetchAbortedError)
  const late = new AbortController()
  const fetching = lookWith(stranger, { peers: [peer.address], signal: late.signal })
  await expect.poll(() => peer.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
  late.abort()
  await expect(fetching).rejects.toBeInstanceOf(FetchAbortedError)
  for (const sample of [
    { offsetBytes: 1, sizeBytes: pieceLengthBytes },
    { offsetBytes: 0, sizeBytes: 0 },
    { offsetBytes: history.data.length, sizeBytes: pieceLengthBytes },
  ])
    await expect(lookWith(stranger, { peers: [peer.address], samples: [sample] })).rejects.toBeInstanceOf(
      ArchiveRangeError,
    )
})

test('the end of a stranger ends its looks', async () => {
  const stranger = openStranger({ dht: false, patience: patient })
  const looking = lookWith(stranger, {})
  const [ended] = await Promise.allSettled([looking, stranger[Symbol.asyncDispose]()])
  expect(ended).toMatchObject({ reason: expect.any(FetchAbortedError) as Error })
})

describe('web seeds are asked beside peers', () => {
  test.for([
    ['that has everything', files(), undefined],
    ['that alters bytes', files((bytes) => bytes.fill(1)), 'wrong'],
    ['with another torrent’s metadata', foreign, 'wrong'],
    ['that breaks off', files((bytes) => bytes.subarray(1)), 'unanswered'],
    ['that has nothing', nothing, 'refused'],
    ['that says nothing', silent, 'unanswered'],
    ['that sends without end', endless, 'unanswered'],
    ['that sends one elsewhere', elsewhere, 'unanswered'],
  ] as const)('one %s', async ([, listener, failure]) => {
    await using server = await serve(listener)
    const report = await look({ webSeeds: [server.url] }, alone)
    // In no one's place: what peers do not give is not to be had.
    expect(report.failure).toBe('no-peers')
    expect(report.webSeeds).toMatchObject([{ url: server.url, failure }])
  })

  test('and no more than a few of them', async () => {
    const urls = Array.from({ length: 9 }, (_, at) => `http://127.0.0.1:9/${at}/`)
    expect((await look({ webSeeds: urls }, alone)).webSeeds).toHaveLength(3)
  })
})

test('nobody gets through to the port that trackers are told', async () => {
  const { promise, resolve } = Promise.withResolvers<number>()
  await using tracker = await serve((request, response) => {
    resolve(Number(new URL(request.url ?? '', 'http://tracker').searchParams.get('port')))
    response.end('d8:intervali1800e5:peers0:e')
  })
  await using stranger = openStranger({ dht: false, patience: patient })
  const stop = new AbortController()
  const looking = lookWith(stranger, { trackers: [tracker.url], signal: stop.signal })
  const socket = connect(await promise, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(handshake(infoHash))
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  await once(socket, 'close')
  expect(received).toEqual([])
  stop.abort()
  await expect(looking).rejects.toBeInstanceOf(FetchAbortedError)
})
