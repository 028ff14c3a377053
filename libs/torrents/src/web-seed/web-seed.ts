import { pieceLengthBytes } from '@annals/archive'
import type { TorrentInfo } from '../torrent-info.ts'
import { pieceSizeBytes } from '../torrent-info.ts'
import { join, readParts } from './read-bounded.ts'

/** An info dictionary of 10 MB is one of 51 GB of messages; peers do not hand on larger ones either. */
const maxInfoBytes = 10_000_000

/** A web seed did not give what was asked for. */
export class WebSeedError extends Error {
  override readonly name = 'WebSeedError'
  readonly url: string
  readonly status: number | undefined

  constructor(url: string, status: number | undefined, problem: string, options?: ErrorOptions) {
    super(`${url}: ${problem}`, options)
    this.url = url
    this.status = status
  }
}

export interface WebSeedOptions {
  /** As in a magnet link's `ws`. */
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  /** Without a single byte. */
  readonly stallSeconds: number
  /** Without a whole piece: one that drips would keep others from bringing what it was asked for. */
  readonly pieceSeconds: number
  readonly onBytes: (bytes: number) => void
}

/**
 * A web seed of BEP 19: the torrent's files below its address, in ranges. Beside them `info` is the bencoded info
 * dictionary, so that a torrent can be opened without a peer.
 */
export class WebSeed {
  readonly #options: WebSeedOptions
  /** Ends with a slash. */
  readonly url: string

  constructor(options: WebSeedOptions) {
    this.#options = options
    this.url = options.url.endsWith('/') ? options.url : `${options.url}/`
  }

  /** @param name the torrent's. What comes has not been looked at. @throws WebSeedError, the signal's reason */
  async fetchInfo(name: string, signal: AbortSignal): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    await this.#get({ url: new URL(`${name}/info`, this.url).href, maxBytes: maxInfoBytes, signal }, (part) => {
      parts.push(part)
    })
    return join(parts)
  }

  /**
   * Pieces [first, last] of one of the two files; `onPiece` hears of each as soon as all of its bytes are here, unchecked.
   * @throws WebSeedError, the signal's reason
   */
  async fetchPieces(
    info: TorrentInfo,
    [first, last]: readonly [number, number],
    onPiece: (piece: number, bytes: Uint8Array) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const isIndex = first >= info.dataPieces
    const start = (isIndex ? first - info.dataPieces : first) * pieceLengthBytes
    const maxBytes = (last - first) * pieceLengthBytes + pieceSizeBytes(info, last)
    const url = new URL(`${info.communityId}/${isIndex ? 'index' : 'data'}`, this.url).href
    const range = `bytes=${start}-${start + maxBytes - 1}`
    let piece = first
    let bytes = new Uint8Array(pieceSizeBytes(info, piece))
    let filled = 0
    const slow = this.#slowness()
    const take = async (part: Uint8Array): Promise<void> => {
      for (let at = 0; at < part.length;) {
        const taken = part.subarray(at, at + bytes.length - filled)
        bytes.set(taken, filled)
        at += taken.length
        filled += taken.length
        if (filled < bytes.length) return
        await onPiece(piece, bytes)
        slow.restart()
        piece += 1
        filled = 0
        if (piece <= last) bytes = new Uint8Array(pieceSizeBytes(info, piece))
      }
    }
    try {
      await this.#get({ url, range, maxBytes, signal: AbortSignal.any([signal, slow.signal]) }, take)
    } finally {
      slow.end()
    }
    if (piece <= last) throw new WebSeedError(this.url, 206, `it broke off within piece ${piece}`)
  }

  /** Aborts where no piece comes for too long. */
  #slowness(): { readonly signal: AbortSignal; restart(): void; end(): void } {
    const { pieceSeconds } = this.#options
    const slow = new AbortController()
    const stop = (): void => slow.abort(new WebSeedError(this.url, undefined, `no piece for ${pieceSeconds} s`))
    let timer = setTimeout(stop, pieceSeconds * 1000)
    return {
      signal: slow.signal,
      restart() {
        clearTimeout(timer)
        timer = setTimeout(stop, pieceSeconds * 1000)
      },
      end: () => clearTimeout(timer),
    }
  }

  async #get(
    request: {
      readonly url: string
      readonly range?: string
      readonly maxBytes: number
      readonly signal: AbortSignal
    },
    onPart: (part: Uint8Array) => void | Promise<void>,
  ): Promise<void> {
    const { url, range, maxBytes, signal } = request
    const { stallSeconds, onBytes } = this.#options
    const stalled = new AbortController()
    const stall = (): void => stalled.abort(new WebSeedError(this.url, undefined, `no byte for ${stallSeconds} s`))
    let timer = setTimeout(stall, stallSeconds * 1000)
    try {
      const response = await this.#options.fetch(url, {
        // What is kept is kept as pieces; the browser's own cache would hold it twice.
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.any([signal, stalled.signal]),
        ...(range !== undefined && { headers: { range } }),
      })
      const isRight = range === undefined ? response.status === 200 : response.status === 206
      if (!isRight) {
        await response.body?.cancel()
        const what = response.status === 200 ? 'it does not know ranges' : `HTTP status ${response.status}`
        throw new WebSeedError(this.url, response.status, what)
      }
      await readParts(response, maxBytes, async (part) => {
        clearTimeout(timer)
        onBytes(part.length)
        await onPart(part)
        timer = setTimeout(stall, stallSeconds * 1000)
      })
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      if (stalled.signal.aborted) throw stalled.signal.reason
      if (cause instanceof WebSeedError) throw cause
      throw new WebSeedError(this.url, undefined, 'it cannot be reached, or broke off', { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}
