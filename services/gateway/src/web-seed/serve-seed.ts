import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readBlob } from '@annals/storage'
import { networkOf } from '../http/client-address.ts'
import { isHeld } from '../http/entity-tags.ts'
import { onceOver } from '../http/track-requests.ts'
import type { GatewayContext } from '../server/gateway-context.ts'
import type { Multipart } from './multipart.ts'
import { multipartOf } from './multipart.ts'
import { Pace } from './pace.ts'
import type { ByteRange } from './parse-range.ts'
import { parseRange } from './parse-range.ts'
import { RangeRefusedError, SeedNotFoundError } from './seed-errors.ts'
import type { SeedFile } from './seed-file.ts'
import { readSeedFile } from './seed-file.ts'
import type { SeededTorrents } from './seeded-torrents.ts'
import type { ServingPlaces } from './serving-places.ts'

export interface SeedRoute {
  Params: { infoHash: string; torrent: string; file: string }
}

export interface SeedServing {
  readonly context: Pick<GatewayContext, 'blobs' | 'metrics' | 'stopping' | 'httpLimits'>
  readonly torrents: SeededTorrents
  readonly places: ServingPlaces
}

/** So much is handed on at once: how fast a client takes it is seen by that. */
const partBytes = 64 * 1024

/**
 * Answers a request for a file of a torrent: all of it, or ranges. Nothing is read that the client does not take, nothing goes
 * on once it is gone.
 * @throws SeedNotFoundError, RangeRefusedError, SeedBusyError
 */
export async function serveSeed(
  serving: SeedServing,
  request: FastifyRequest<SeedRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { infoHash, torrent, file: name } = request.params
  if (name === 'info') return serveInfo(serving, request, reply)
  const file = await serving.torrents.find(torrent, infoHash.toLowerCase(), name)
  if (file === undefined) throw new SeedNotFoundError()
  const entityTag = `"${infoHash.toLowerCase()}-${name}"`
  reply.headers({ ...headersFor(entityTag), 'accept-ranges': 'bytes' })
  if (isHeld(request.headers['if-none-match'], entityTag)) return reply.code(304).send()
  const ifRange = request.headers['if-range']
  const isWanted = ifRange === undefined || ifRange === entityTag
  const answer = parseRange(isWanted ? request.headers.range : undefined, file.sizeBytes)
  if (answer.kind === 'refused') {
    reply.header('content-range', `bytes */${file.sizeBytes}`)
    throw new RangeRefusedError(file.sizeBytes)
  }
  if (answer.kind === 'whole')
    return send(serving, request, reply, file, [{ offsetBytes: 0, sizeBytes: file.sizeBytes }])
  reply.code(206)
  const [only, ...others] = answer.ranges
  if (only !== undefined && others.length === 0)
    reply.header(
      'content-range',
      `bytes ${only.offsetBytes}-${only.offsetBytes + only.sizeBytes - 1}/${file.sizeBytes}`,
    )
  return send(serving, request, reply, file, answer.ranges)
}

/** An info hash means the same bytes for ever. */
function headersFor(entityTag: string): Record<string, string> {
  return {
    etag: entityTag,
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'application/octet-stream',
    // A proxy that collects answers would read gigabytes ahead of a client that takes one piece.
    'x-accel-buffering': 'no',
  }
}

/**
 * The bencoded info dictionary beside the files: BEP 19 has no place for it, and a browser without a peer has no other way to it.
 * @throws SeedNotFoundError, SeedBusyError
 */
async function serveInfo(
  { context, torrents, places }: SeedServing,
  request: FastifyRequest<SeedRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const infoHash = request.params.infoHash.toLowerCase()
  const blob = await torrents.findInfo(request.params.torrent, infoHash)
  if (blob === undefined) throw new SeedNotFoundError()
  const entityTag = `"${infoHash}-info"`
  reply.headers(headersFor(entityTag))
  if (isHeld(request.headers['if-none-match'], entityTag)) return reply.code(304).send()
  using _place = await places.take(networkOf(request.ip), AbortSignal.any([request.over, context.stopping]))
  const bytes = await readBlob(context.blobs, blob)
  context.metrics.add('webSeedBytes', bytes.length)
  return await reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

async function send(
  serving: SeedServing,
  request: FastifyRequest,
  reply: FastifyReply,
  file: SeedFile,
  ranges: readonly ByteRange[],
): Promise<FastifyReply> {
  const multipart = ranges.length > 1 ? multipartOf(ranges, file.sizeBytes) : undefined
  const sizeBytes = multipart?.sizeBytes ?? ranges.reduce((sum, range) => sum + range.sizeBytes, 0)
  if (multipart !== undefined) reply.type(multipart.mediaType)
  reply.header('content-length', sizeBytes)
  if (request.method === 'HEAD') return reply.send()
  const { context, places } = serving
  const place = await places.take(networkOf(request.ip), AbortSignal.any([request.over, context.stopping]))
  const pace = new Pace(reply.raw, context.httpLimits?.paceSeconds)
  onceOver(request, () => {
    pace[Symbol.dispose]()
    place[Symbol.dispose]()
  })
  const bytes = bytesOf(serving, file, ranges, pace, multipart)
  return reply.send(Readable.from(bytes, { objectMode: false, highWaterMark: partBytes }))
}

async function* bytesOf(
  { context }: SeedServing,
  file: SeedFile,
  ranges: readonly ByteRange[],
  pace: Pace,
  multipart?: Multipart,
): AsyncGenerator<Uint8Array, void> {
  for (const [at, range] of ranges.entries()) {
    if (multipart?.heads[at] !== undefined) yield multipart.heads[at]
    for await (const part of readSeedFile(context.blobs, file, range)) {
      context.metrics.add('webSeedBytes', part.length)
      for (let from = 0; from < part.length; from += partBytes) {
        const bytes = part.subarray(from, from + partBytes)
        yield bytes
        pace.took(bytes.length)
      }
    }
  }
  if (multipart !== undefined) yield multipart.end
  pace[Symbol.dispose]()
}
