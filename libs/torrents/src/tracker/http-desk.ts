import { isIP } from 'node:net'
import { readQuery } from './read-query.ts'
import type { TrackerCore } from './tracker-core.ts'
import { TrackerRefusalError } from './tracker-errors.ts'

/** What of a request over HTTP the tracker looks at. */
export interface HttpQuestion {
  readonly path: '/announce' | '/scrape'
  /** What follows the question mark. */
  readonly query: string
  /** Of whoever asks. */
  readonly address: string
}

/** Answers an announcement or a scrape over HTTP: bencoded, also where it is refused. */
export async function answerHttp(core: TrackerCore, { path, query, address }: HttpQuestion): Promise<Uint8Array> {
  try {
    // Handed on to others as it is; who says it is a proxy can say anything, and a zone is of one machine alone.
    if (isIP(address) === 0 || address.includes('%')) throw new TrackerRefusalError('malformed', 'invalid address')
    const url = `${path}?${readQuery(path, query)}`
    return await new Promise((resolve) =>
      core.onHttpRequest(
        { url, headers: {}, connection: { remoteAddress: address } },
        { end: (body = '') => resolve(Buffer.from(body)) },
      ),
    )
  } catch (error) {
    if (!(error instanceof TrackerRefusalError)) throw error
    core.emit('warning', error)
    const { message } = error
    return Buffer.from(`d14:failure reason${Buffer.byteLength(message)}:${message}e`)
  }
}
