import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Json } from './read-otlp.ts'
import { metricsIn, spansIn } from './read-otlp.ts'

type Attributes = Readonly<Record<string, unknown>>

export interface ReceivedSpan {
  readonly resource: Attributes
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly attributes: Attributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** 2 where the work failed. */
  readonly statusCode: number
}

export interface ReceivedMetric {
  readonly resource: Attributes
  readonly name: string
  readonly unit: string
  readonly attributes: Attributes
  /** A number, or the count of a histogram. */
  readonly value: number
}

export interface ReceivedRequest {
  readonly path: string
  readonly contentType: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A receiver of OTLP over HTTP on loopback that keeps all it is sent. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: readonly ReceivedRequest[]
  /** Of requests in JSON. */
  readonly spans: readonly ReceivedSpan[]
  readonly metrics: readonly ReceivedMetric[]
  /** Resolves once what was received is as wished. */
  until(asWished: () => boolean): Promise<void>
}

/** @param answer called with each request that was read; answers it with an empty success where absent */
export async function startOtlpReceiver(answer: (response: ServerResponse) => void = succeed): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = []
  const spans: ReceivedSpan[] = []
  const metrics: ReceivedMetric[] = []
  const changed = new Set<() => void>()
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const contentType = request.headers['content-type'] ?? ''
    requests.push({ path: request.url ?? '', contentType, headers: request.headers, body })
    if (contentType === 'application/json') {
      const content = JSON.parse(body.toString()) as Json
      spans.push(...spansIn(content))
      metrics.push(...metricsIn(content))
    }
    answer(response)
    for (const listener of changed) listener()
  }
  const server = createServer((request, response) => {
    // Whoever sends may be gone before it has sent all.
    take(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    spans,
    metrics,
    async until(asWished) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (asWished()) resolve()
      }
      changed.add(look)
      look()
      await promise
      changed.delete(look)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function succeed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
}
