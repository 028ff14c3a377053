import { hash } from 'node:crypto'
import { decodeMagnetLink } from '@annals/archive'
import { checkCommunityId } from '../check-names.ts'
import { openClient, type OpenClient } from '../client/open-client.ts'
import { TorrentNodeError } from '../errors.ts'
import { lookAtPeers } from './look-at-peers.ts'
import { lookAtWebSeed } from './look-at-web-seed.ts'
import type {
  Stranger,
  StrangerLog,
  StrangerOptions,
  StrangerReport,
  StrangerRequest,
  WebSeedReport,
} from './stranger.ts'

/** The gateway writes one; a link with many is somebody else's, and each costs time. */
const maxWebSeeds = 3

const silent: StrangerLog = { debug: () => {}, warn: () => {} }
const sha1 = (bytes: Uint8Array): Uint8Array => hash('sha1', bytes, 'buffer')

/** Its BitTorrent client is opened at the first look, and again where it failed. */
export function openStranger(options: StrangerOptions): Stranger {
  return new WebTorrentStranger(options)
}

interface Client {
  readonly open: Promise<OpenClient>
  /** Aborts if the client fails. */
  readonly failure: AbortSignal
}

class WebTorrentStranger implements Stranger {
  readonly #options: StrangerOptions
  readonly #log: StrangerLog
  readonly #closing = new AbortController()
  readonly #looks = new Set<Promise<unknown>>()
  #client: Client | undefined

  constructor(options: StrangerOptions) {
    this.#options = options
    this.#log = options.log ?? silent
  }

  async look(request: StrangerRequest): Promise<StrangerReport> {
    this.#closing.signal.throwIfAborted()
    const looking = this.#look(request)
    this.#looks.add(looking)
    try {
      return await looking
    } finally {
      this.#looks.delete(looking)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new TorrentNodeError('the stranger was closed'))
    await Promise.allSettled(this.#looks)
    const client = this.#client
    this.#client = undefined
    const open = await client?.open.catch(() => undefined)
    await open?.[Symbol.asyncDispose]()
  }

  async #look(request: StrangerRequest): Promise<StrangerReport> {
    checkCommunityId(request.communityId)
    const link = decodeMagnetLink(request.magnetLink)
    const { patience } = this.#options
    const { open, failure } = (this.#client ??= this.#open())
    const { client } = await open
    const begunAt = performance.now()
    const stop = AbortSignal.any([request.signal, this.#closing.signal])
    try {
      const signal = AbortSignal.any([stop, failure])
      const found = await lookAtPeers({ client, link, request, patience, log: this.#log, sha1, signal })
      const milliseconds = Math.round(performance.now() - begunAt)
      const webSeeds: WebSeedReport[] = []
      for (const url of link.webSeeds.slice(0, maxWebSeeds)) {
        const look = { url, infoHash: link.infoHash, request, patience, sha1, signal: stop }
        webSeeds.push(await lookAtWebSeed(look))
      }
      return { infoHash: link.infoHash, ...found, milliseconds, webSeeds }
    } catch (error) {
      if (failure.aborted && !stop.aborted) throw failure.reason
      throw error
    }
  }

  #open(): Client {
    const failed = new AbortController()
    const open = openClient(
      // Where nobody comes: a seeder that only gets through to whoever can be called back is not reached by most members.
      { host: '127.0.0.1', port: 0, dht: this.#options.dht, maxIncomingConnections: 0 },
      this.#log,
      (error) => {
        if (this.#client?.open === open) this.#client = undefined
        failed.abort(error)
      },
    )
    open.catch(() => {
      if (this.#client?.open === open) this.#client = undefined
    })
    return { open, failure: failed.signal }
  }
}
