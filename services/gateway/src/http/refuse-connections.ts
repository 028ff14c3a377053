import type { IncomingMessage, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { NotHttpError } from './http-errors.ts'
import type { Problem } from './problems.ts'
import { problemMediaType } from './problems.ts'
import { securityHeaders } from './security-headers.ts'

/** Answers what Node refuses before it is a request, in the form of every other refusal, and hangs up. */
export function refuseConnection(
  error: Error & { readonly code?: string },
  socket: Socket,
  describe: (error: NotHttpError) => Problem,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const problem = describe(new NotHttpError(error.code))
  const body = JSON.stringify(problem)
  const headers = { ...headersOf(body), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  )
}

/** An `Expect` header that asks for what nobody knows: Node answers it without a word. */
export function refuseExpectations(app: FastifyInstance, describe: (error: NotHttpError) => Problem): void {
  app.server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const problem = describe(new NotHttpError('expectation'))
    const body = JSON.stringify(problem)
    // What it was to be sent after would be read as the next request.
    response.writeHead(problem.status, { ...headersOf(body), connection: 'close' }).end(body)
  })
}

function headersOf(body: string): Record<string, string | number> {
  return {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': problemMediaType,
    'content-length': Buffer.byteLength(body),
  }
}
