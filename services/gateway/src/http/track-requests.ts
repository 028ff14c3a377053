import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ClientGoneError } from './http-errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborts when the request is over: it was answered, or whoever asked is gone. */
    over: AbortSignal
  }
}

/** Requests on one connection whose answers were not sent yet. Browsers send the next one after the answer. */
const maxPipelined = 16

/**
 * Says of each request when it is over. An answer by itself does not: one that waits behind another on its connection hears
 * nothing of the connection's end, and one whose client went before anybody listened hears nothing either.
 */
export function trackRequests(app: FastifyInstance): void {
  const underWay = new WeakMap<Socket, number>()
  app.decorateRequest('over')
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    const before = underWay.get(socket) ?? 0
    // Of one that was reset nothing is known any more, not even its address.
    if (socket.destroyed || socket.remoteAddress === undefined || before >= maxPipelined) {
      reply.hijack()
      socket.destroy()
      return
    }
    if (before === 0) setMaxListeners(0, socket)
    underWay.set(socket, before + 1)
    const ending = new AbortController()
    request.over = ending.signal
    const end = (): void => {
      reply.raw.off('close', end)
      socket.off('close', end)
      underWay.set(socket, (underWay.get(socket) ?? 1) - 1)
      ending.abort(new ClientGoneError())
    }
    reply.raw.once('close', end)
    socket.once('close', end)
    done()
  })
}

/** Calls when a request is over; at once where it is already. */
export function onceOver({ over }: Pick<FastifyRequest, 'over'>, listener: () => void): void {
  if (over.aborted) listener()
  else over.addEventListener('abort', listener, { once: true })
}
