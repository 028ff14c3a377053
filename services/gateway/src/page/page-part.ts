import type { Page } from '@annals/page'
import { loadPage } from '@annals/page'
import type { FastifyReply } from 'fastify'
import { NoRouteError } from '../http/http-errors.ts'
import type { HttpPart } from '../http/http-part.ts'

const yearSeconds = 31_536_000

/** The page's files. They are the same for everybody: what somebody may see is decided where the page asks for it. */
export const pagePart: HttpPart = {
  name: 'page',
  async mount({ app }) {
    // Made when somebody looks for the first time: most nodes have nobody who does.
    let page: Promise<Page> | undefined
    const send = async (path: string, reply: FastifyReply): Promise<FastifyReply> => {
      page ??= loadPage().catch((error: unknown) => {
        // Such as a disk that was full: whoever comes next tries again.
        page = undefined
        throw error
      })
      const file = (await page).get(path)
      if (file === undefined) throw new NoRouteError()
      const { bytes, contentType, immutable } = file
      const cacheControl = immutable ? `public, max-age=${yearSeconds}, immutable` : 'no-cache'
      return reply
        .headers({ 'content-type': contentType, 'cache-control': cacheControl })
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
    app.get('/', (_, reply) => send('/', reply))
    app.get<{ Params: { '*': string } }>('/*', ({ params }, reply) => send(`/${params['*']}`, reply))
    return undefined
  },
}
