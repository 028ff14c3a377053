import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { examineQuietly, findingsOf } from '../testing/read-examination.ts'

/** Takes connections, and never says anything. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe('servers that take a connection and say nothing', () => {
  it('are told of within their checks’ time', async () => {
    const env = {
      NATS_URL: `nats://127.0.0.1:${await silentPort()}`,
      MONGODB_URI: `mongodb://127.0.0.1:${await silentPort()}`,
      ANNALS_GRPC: `127.0.0.1:${await silentPort()}`,
      ANNALS_TOKEN: 'x'.repeat(16),
      ANNALS_HTTP: `127.0.0.1:${await silentPort()}`,
      ANNALS_PUBLIC_URL: `http://127.0.0.1:${await silentPort()}`,
    }
    const natsMonitor = `http://127.0.0.1:${await silentPort()}`
    const found = findingsOf(await examineQuietly({ env, natsMonitor }))
    expect(found).toStrictEqual([
      'grpc-address/silent',
      'http-address/silent',
      'public-address/loopback',
      'public-address/unreachable',
      'torrent-port/loopback',
      'nats-connection/unreachable',
      'nats-durability/unreadable',
      'mongodb-connection/unreachable',
    ])
  })
})
