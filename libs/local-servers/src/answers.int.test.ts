import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { choosePort } from './choose-port.ts'
import { mongoAnswers } from './mongo/mongo-answers.ts'
import { natsAnswers } from './nats/nats-answers.ts'

/** The port of a server that does this with whoever connects. */
async function portOf(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe.for([
  { name: 'NATS', answers: natsAnswers },
  { name: 'MongoDB', answers: mongoAnswers },
])('whether a $name server answers', ({ answers }) => {
  it('is no where nobody listens', async () => {
    expect(await answers(await choosePort())).toBe(false)
  })

  it.for([
    ['says nothing and hangs up', ''],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['is not ready', 'INFO {"jetstream":false}\r\n'],
    ['says nonsense', 'INFO {{{\r\n'],
    ['announces a negative length', Buffer.alloc(64, 0xff)],
  ] as const)('is no where the other side %s', async ([, said]) => {
    const port = await portOf((socket) => void socket.end(said))
    expect(await answers(port)).toBe(false)
  })
})

it('NATS answers once its greeting says that JetStream is on', async () => {
  const port = await portOf((socket) => void socket.write('INFO {"jetstream":true}\r\n'))
  expect(await natsAnswers(port)).toBe(true)
})
