import etag from '@fastify/etag'
import type { FastifyInstance } from 'fastify'

/**
 * Tags answers and does not send again what the client has. The tags are weak, since an answer has the same one in every
 * encoding. Only what was read and found has a condition (RFC 9110, 13.2.1): a refusal stays one.
 */
export async function tagAnswers(app: FastifyInstance): Promise<void> {
  await app.register(etag, { weak: true, replyWith304: false })
  app.addHook('onSend', async ({ method, headers }, reply, payload) => {
    const tag = reply.getHeader('etag')
    if ((method !== 'GET' && method !== 'HEAD') || reply.statusCode !== 200 || typeof tag !== 'string') return payload
    if (!isHeld(headers['if-none-match'], tag)) return payload
    reply.code(304)
    return ''
  })
}

/** Whether a client that sends this `If-None-Match` header has what has the tag. */
export function isHeld(ifNoneMatch: string | undefined, entityTag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const wanted = opaque(entityTag)
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag.trim()) === wanted)
}

/** Compared weakly (RFC 9110, 8.8.3.2). */
function opaque(tag: string): string {
  return tag.replace(/^W\//, '')
}
