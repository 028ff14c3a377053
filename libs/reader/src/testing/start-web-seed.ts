import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MadeCommunity } from './make-community.ts'

export interface TestWebSeed extends AsyncDisposable {
  readonly origin: string
  /** As in a magnet link. */
  url(community: MadeCommunity): string
  /** Bytes of `data` and `index` that were sent. */
  readonly sentBytes: number
  /** Paths and ranges, in order. */
  readonly requests: readonly string[]
}

export interface TestWebSeedOptions {
  /** What is sent in place of a file's bytes. */
  readonly change?: (file: string, bytes: Buffer, start: number) => Buffer
  /** Answers anything else itself; true where it did. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** An HTTP server on loopback with a web seed for communities, ranges and all. */
export async function startWebSeed(
  communities: readonly MadeCommunity[],
  options: TestWebSeedOptions = {},
): Promise<TestWebSeed> {
  const requests: string[] = []
  let sentBytes = 0
  const server = createServer((request, response) => {
    if (options.answer?.(request, response) === true) return
    // As the gateway has it: any page may read what anybody who knows the info hash may have.
    response.setHeader('access-control-allow-origin', '*')
    requests.push(`${request.url} ${request.headers.range ?? ''}`.trim())
    const [, seeds, infoHash, ...path] = (request.url ?? '').split('/')
    const community = seeds === 'seeds' ? communities.find((each) => each.infoHash === infoHash) : undefined
    if (community === undefined) response.writeHead(404).end()
    else if (path.at(-1) === 'info') response.writeHead(200).end(community.infoBytes)
    else {
      const bytes = Buffer.from(path.at(-1) === 'data' ? community.data : community.index)
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
      if (range === null || Number(range[2]) >= bytes.length) {
        response.writeHead(416).end()
        return
      }
      const start = Number(range[1])
      const part = Buffer.from(bytes.subarray(start, Number(range[2]) + 1))
      const sent = options.change?.(path.at(-1) ?? '', part, start) ?? part
      sentBytes += sent.length
      response.writeHead(206, { 'content-range': `bytes ${start}-${range[2]}/${bytes.length}` }).end(sent)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    url: ({ infoHash }) => `${origin}/seeds/${infoHash}/`,
    get sentBytes() {
      return sentBytes
    },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
