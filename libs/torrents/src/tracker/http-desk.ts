import { isIP } from 'node:net'
import type { TrackerCore } from './tracker-core.ts'
import { TrackerRefusalError } from './tracker-errors.ts'

/** Longer than any announcement, and than a scrape of some fifty torrents. */
const maxQueryLength = 4_096

/** What of a request over HTTP the tracker looks at. */
export interface HttpQuestion {
  readonly path: '/announce' | '/scrape'
  /** What follows the question mark. */
  readonly query: string
  /** Of whoever asks. */
  readonly address: string
}

/**
 * Answers an announcement or a scrape over HTTP: bencoded, also where it is refused. All torrents at once are told to nobody.
 */
export async function answerHttp(core: TrackerCore, { path, query, address }: HttpQuestion): Promise<Uint8Array> {
  const refusal = refusalOf(query, address)
  if (refusal !== undefined) {
    core.emit('warning', refusal)
    const { message } = refusal
    return Buffer.from(`d14:failure reason${Buffer.byteLength(message)}:${message}e`)
  }
  return new Promise((resolve) =>
    core.onHttpRequest(
      { url: `${path}?${query}`, headers: {}, connection: { remoteAddress: address } },
      { end: (body = '') => resolve(Buffer.from(body)) },
    ),
  )
}

function refusalOf(query: string, address: string): TrackerRefusalError | undefined {
  // Handed on to others as it is; who says it is a proxy can say anything.
  if (isIP(address) === 0) return new TrackerRefusalError('malformed', 'invalid address')
  if (query.length > maxQueryLength) return new TrackerRefusalError('malformed', 'the request is too long')
  if (!/(^|&)info_hash=/.test(query)) return new TrackerRefusalError('malformed', 'invalid info_hash')
  return undefined
}
