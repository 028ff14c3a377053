import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A server for odd answers. */
export interface FakeNode extends AsyncDisposable {
  readonly url: string
  /** `GET /relay/v1/messages/…`, in the order in which they came. */
  readonly requests: readonly string[]
}

/** Answers every request as it is told. */
export async function startFakeNode(answer: Answer): Promise<FakeNode> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    void read(request).then((body) => answer(request, response, body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer of one text, with status 200. */
export function say(text: string): Answer {
  return (_request, response) => void response.end(text)
}

async function read(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += String(part)
  return body
}
