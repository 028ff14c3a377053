import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** Trackers that are down, each in a way of its own. */
export interface DownTrackers extends AsyncDisposable {
  /** One refuses, one accepts over HTTP and never answers, one takes datagrams and never answers. */
  readonly announceUrls: readonly string[]
  /** Connections whose clients wait for an answer at this moment. */
  waiting(): number
  /** Resolves once somebody waits for an answer over HTTP and somebody over UDP. */
  readonly asked: Promise<unknown>
}

export async function openDownTrackers(): Promise<DownTrackers> {
  const waiting = new Set<Socket>()
  const overHttp = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('close', () => waiting.delete(socket))
    socket.once('data', () => {
      waiting.add(socket)
      overHttp.resolve()
    })
  })
  server.listen(0, '127.0.0.1')
  const datagrams = createSocket('udp4')
  datagrams.bind(0, '127.0.0.1')
  const refusing = createServer().listen(0, '127.0.0.1')
  await Promise.all([server, datagrams, refusing].map((each) => once(each, 'listening')))
  const [httpPort, refusedPort] = [server, refusing].map((each) => (each.address() as AddressInfo).port)
  refusing.close()
  return {
    announceUrls: [
      `http://127.0.0.1:${refusedPort}/announce`,
      `http://127.0.0.1:${httpPort}/announce`,
      `udp://127.0.0.1:${datagrams.address().port}/announce`,
    ],
    waiting: () => waiting.size,
    asked: Promise.all([overHttp.promise, once(datagrams, 'message')]),
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy()
      datagrams.close()
      server.close()
    },
  }
}
