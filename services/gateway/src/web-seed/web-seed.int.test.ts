import { once } from 'node:events'
import { connect } from 'node:net'
import type { ServiceContext } from '@annals/service'
import type { BlobStore } from '@annals/storage'
import { infoHash, pieceLengthBytes, sha1 } from '@annals/archive'
import { addControlled, appendArchive, messageOf, torrentOf } from '@annals/service/testing'
import { catalogues, emptyCatalogue, readBlob, seedings } from '@annals/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'

interface Held {
  readonly communityId: string
  readonly infoHash: string
  readonly data: Buffer
  readonly index: Buffer
}

/** Seals a week and seeds it, as far as the state says; what the torrent's files then are, put together by itself. */
async function sealWeek(
  context: ServiceContext,
  communityId: string,
  week: number,
  payloadBytes: number,
): Promise<Held> {
  const from = week * 1_000
  await appendArchive(context, communityId, [messageOf(communityId, from, { payloadBytes })], from)
  const infoHash = await torrentOf(context, communityId)
  const rows = context.state.collection(seedings)
  await rows.put(
    communityId,
    { current: { infoHash, generation: week }, starts: 1 },
    (await rows.get(communityId))?.version ?? 0,
  )
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  const parts: Uint8Array[] = []
  for (const { blob, paddingBytes } of catalogue?.archives ?? [])
    parts.push(await readBlob(context.blobs, blob), new Uint8Array(paddingBytes))
  const index = Buffer.from(await readBlob(context.blobs, catalogue?.torrent?.indexBlob ?? ''))
  return { communityId, infoHash, data: Buffer.concat(parts), index }
}

/** Seeds a torrent of 25 MB, in one blob. */
async function seedLarge(context: ServiceContext): Promise<Pick<Held, 'communityId' | 'infoHash'>> {
  const communityId = await addControlled(context, 13)
  const infoHash = 'ab'.repeat(20)
  const { key: blob, sizeBytes } = await context.blobs.put([new Uint8Array(25_000_000)])
  const torrent = { infoHash, magnetLink: '', trackers: [], infoBlob: blob, indexBlob: blob, indexBytes: sizeBytes }
  const fillers = [{ offsetBytes: 0, sizeBytes, blob }]
  await context.state.collection(catalogues).put(communityId, { ...emptyCatalogue, fillers, torrent }, 0)
  await context.state.collection(seedings).put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  return { communityId, infoHash }
}

/** What of blobs is open, and how much was read. */
const reading = { open: 0, bytes: 0 }

function counting(blobs: BlobStore): BlobStore {
  return new Proxy(blobs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'readRange') return typeof value === 'function' ? value.bind(target) : value
      return async function* (...asked: Parameters<BlobStore['readRange']>) {
        reading.open += 1
        try {
          for await (const part of target.readRange(...asked)) {
            reading.bytes += part.length
            yield part
          }
        } finally {
          reading.open -= 1
        }
      }
    },
  })
}

let gateway: TestGateway
let base: string
let first: Held
let held: Held
beforeAll(async () => {
  gateway = await startTestGateway({ override: ({ blobs }) => ({ blobs: counting(blobs) }) })
  base = `http://127.0.0.1:${gateway.http?.port}/seeds`
  const communityId = await addControlled(gateway.context)
  first = await sealWeek(gateway.context, communityId, 1, 150_000)
  held = await sealWeek(gateway.context, communityId, 2, 300_000)
})
afterAll(() => gateway[Symbol.asyncDispose]())

function seedUrl({ infoHash, communityId }: Pick<Held, 'infoHash' | 'communityId'>, file: string): string {
  return `${base}/${infoHash}/${communityId}/${file}`
}

async function get(url: string, headers: Record<string, string> = {}): Promise<{ answer: Response; bytes: Buffer }> {
  const answer = await fetch(url, { headers })
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
}

describe('the web seed', () => {
  it('serves both files of the torrent byte for byte, padding and all', async () => {
    for (const [file, whole] of [
      ['data', held.data],
      ['index', held.index],
    ] as const) {
      const { answer, bytes } = await get(seedUrl(held, file))
      expect(answer.status).toBe(200)
      expect(bytes.equals(whole)).toBe(true)
      expect(answer.headers.get('etag')).toBe(`"${held.infoHash}-${file}"`)
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect(answer.headers.get('x-accel-buffering')).toBe('no')
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  it('serves any range, also over the border of archives and where only padding is', async () => {
    const end = held.data.length
    for (const [from, to] of [
      [0, 0],
      [0, pieceLengthBytes - 1],
      [first.data.length - 10, first.data.length + 10],
      [first.data.length - 20, first.data.length - 1],
      [end - 1, end - 1],
      [5, end - 5],
    ] as const) {
      const { answer, bytes } = await get(seedUrl(held, 'data'), { range: `bytes=${from}-${to}` })
      expect(answer.status).toBe(206)
      expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to}/${end}`)
      expect(bytes.equals(held.data.subarray(from, to + 1)), `${from}-${to}`).toBe(true)
    }
  })

  it('serves a few ranges in one answer', async () => {
    const { answer, bytes } = await get(seedUrl(held, 'data'), { range: 'bytes=0-9,100000-100019' })
    expect(answer.status).toBe(206)
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(answer.headers.get('content-type') ?? '')?.[1]
    const head = (range: string): string =>
      `--${boundary}\r\ncontent-type: application/octet-stream\r\ncontent-range: bytes ${range}/${held.data.length}\r\n\r\n`
    const expected = Buffer.concat([
      Buffer.from(head('0-9')),
      held.data.subarray(0, 10),
      Buffer.from(`\r\n${head('100000-100019')}`),
      held.data.subarray(100_000, 100_020),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    expect(bytes.equals(expected)).toBe(true)
    expect(answer.headers.get('content-length')).toBe(String(expected.length))
  })

  it('refuses ranges out of bounds, backwards or without end, and reads nothing for them', async () => {
    const before = reading.bytes
    for (const range of [
      `bytes=${held.data.length}-`,
      'bytes=999999999999999-',
      'bytes=5-9,0-3',
      'bytes=-0',
      `bytes=${Array.from({ length: 5_000 }, () => '0-').join(',')}`.slice(0, 9_000),
    ]) {
      const { answer } = await get(seedUrl(held, 'data'), { range })
      expect(answer.status).toBe(416)
      expect(answer.headers.get('content-range')).toBe(`bytes */${held.data.length}`)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect(reading.bytes).toBe(before)
  })

  it('sends nothing that the client has, and all where a range is of something else', async () => {
    const etag = `"${held.infoHash}-data"`
    const unchanged = await get(seedUrl(held, 'data'), { 'if-none-match': `"x", W/${etag}` })
    expect([unchanged.answer.status, unchanged.bytes.length]).toEqual([304, 0])
    const range = 'bytes=0-9'
    const same = await get(seedUrl(held, 'data'), { range, 'if-range': etag })
    expect(same.answer.status).toBe(206)
    const other = await get(seedUrl(held, 'data'), { range, 'if-range': `"${first.infoHash}-data"` })
    expect([other.answer.status, other.bytes.length]).toEqual([200, held.data.length])
  })

  it('says in answer to HEAD what GET would send, and reads nothing', async () => {
    const before = reading.bytes
    const whole = await fetch(seedUrl(held, 'data'), { method: 'HEAD' })
    expect([whole.status, whole.headers.get('content-length')]).toEqual([200, String(held.data.length)])
    const part = await fetch(seedUrl(held, 'index'), { method: 'HEAD', headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '3'])
    expect(reading.bytes).toBe(before)
  })

  it('serves the torrent before the newest as it was', async () => {
    expect((await get(seedUrl(first, 'data'))).bytes.equals(first.data)).toBe(true)
    expect((await get(seedUrl(first, 'index'))).bytes.equals(first.index)).toBe(true)
    const { answer } = await get(seedUrl(first, 'data'), { range: `bytes=${first.data.length}-` })
    expect(answer.status).toBe(416)
  })

  it('has the info dictionary of the newest torrent beside them', async () => {
    const { answer, bytes } = await get(seedUrl(held, 'info'))
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(infoHash(bytes, sha1)).toBe(held.infoHash)
  })

  it('knows nothing else', async () => {
    const unknown = '0'.repeat(40)
    for (const url of [
      seedUrl({ ...held, infoHash: unknown }, 'data'),
      seedUrl({ ...held, communityId: `0x02${'1'.repeat(64)}` }, 'data'),
      seedUrl({ ...held, communityId: 'annals' }, 'data'),
      seedUrl(held, 'torrent'),
      seedUrl(first, 'info'),
      seedUrl(held, '..%2Findex'),
      seedUrl(held, '__proto__'),
    ]) {
      const { answer } = await get(url)
      expect(answer.status, url).toBe(404)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  it('serves nothing of a community that is not seeded', async () => {
    const communityId = await addControlled(gateway.context, 9)
    const other = await sealWeek(gateway.context, communityId, 1, 500)
    const rows = gateway.context.state.collection(seedings)
    await rows.put(communityId, { starts: 1 }, (await rows.get(communityId))?.version ?? 0)
    expect((await get(seedUrl(other, 'data'))).answer.status).toBe(404)
  })

  it('lets pages of others ask for ranges', async () => {
    const answer = await fetch(seedUrl(held, 'data'), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'cache-control,range,user-agent',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ')
    expect(allowed).toEqual(expect.arrayContaining(['range', 'cache-control', 'user-agent']))
  })

  it('does not answer with bytes that a blob lacks, and says so to nobody but the log', async () => {
    const communityId = await addControlled(gateway.context, 11)
    const broken = await sealWeek(gateway.context, communityId, 1, 5_000)
    const catalogue = (await gateway.context.state.collection(catalogues).get(communityId))?.value
    const { blob = '' } = catalogue?.archives[0] ?? {}
    await gateway.context.blobs.delete(blob)
    const { answer, bytes } = await get(seedUrl(broken, 'data'), { range: 'bytes=0-99' })
    expect(answer.status).toBe(500)
    expect(bytes.toString()).not.toContain(blob)
  })
})

describe('a client that does not take what it asked for', () => {
  it('has no more read for it than fits in between, and nothing is left open when it goes', async () => {
    const large = await seedLarge(gateway.context)
    const before = reading.bytes
    const socket = connect(gateway.http?.port ?? 0, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET ${new URL(seedUrl(large, 'data')).pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
    await once(socket, 'readable')
    socket.pause()
    // Whoever else asks is served meanwhile; by then the system's buffers towards the first one are full.
    expect((await get(seedUrl(held, 'data'))).bytes.equals(held.data)).toBe(true)
    expect(reading.open).toBe(1)
    expect(reading.bytes - before).toBeLessThan(20_000_000)
    socket.destroy()
    await expect.poll(() => reading.open).toBe(0)
  })

  it('is hung up on after a while, and its place is free again', async () => {
    await using strict = await startTestGateway({
      httpLimits: { paceSeconds: 0.2 },
      override: ({ blobs }) => ({ blobs: counting(blobs) }),
    })
    const large = await seedLarge(strict.context)
    const socket = connect(strict.http?.port ?? 0, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(`GET /seeds/${large.infoHash}/${large.communityId}/data HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await expect.poll(() => reading.open).toBe(1)
    await expect.poll(() => reading.open).toBe(0)
    socket.destroy()
  })
})
