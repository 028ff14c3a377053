import type { IncomingHttpHeaders } from 'node:http'
import type { TestGateway } from './test-gateway.ts'
import { request } from 'node:http'
import { operatorToken } from '../http/operator-token.ts'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** What the body says as JSON. @throws SyntaxError where it is none */
  json(): Record<string, unknown>
}

export interface HttpAsk {
  readonly method?: string
  /** No `authorization` where absent. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Asks over HTTP, with whatever headers and path: `fetch` sends neither as they are. */
export function askHttp(
  { http }: { readonly http?: TestGateway['http'] },
  path: string,
  ask: HttpAsk = {},
): Promise<HttpAnswer> {
  const { method = 'GET', token, headers = {}, body } = ask
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const all = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: http?.port, path, method, headers: all }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(parts).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        })
      })
    })
    asking.once('error', reject)
    asking.end(text)
  })
}

/** The reason that a problem's type ends with. */
export function reasonOf(answer: HttpAnswer): string {
  return String(answer.json()['type']).replace('urn:annals:problem:', '')
}

/** The token of the operator of a test's gateway. */
export function operatorOf({ context }: Pick<TestGateway, 'context'>): Promise<string> {
  return operatorToken(context.config)
}
