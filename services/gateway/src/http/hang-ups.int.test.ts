import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { EventBus } from '@annals/events'
import { addControlled } from '@annals/service/testing'
import type { StateStore } from '@annals/storage'
import { catalogues, emptyCatalogue, ownerTokens, seedings } from '@annals/storage'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { askHttp, operatorOf } from '../testing/http-client.ts'

/** Where whoever comes waits until it is opened. */
class Gate {
  readonly #opened = Promise.withResolvers<void>()

  pass(): Promise<void> {
    return this.#opened.promise
  }

  open(): void {
    this.#opened.resolve()
  }
}

/** A log that does not say where it ends before the gate is open. */
function slowLog(bus: EventBus, gate: Gate): EventBus {
  return Object.assign(Object.create(bus) as EventBus, {
    async lastSequence() {
      await gate.pass()
      return bus.lastSequence()
    },
  })
}

/** A state of which rows of a collection are not found before the gate is open. */
function slowState(state: StateStore, collection: string, gate: Gate): StateStore {
  return {
    ...state,
    collection: (definition) => {
      const rows = state.collection(definition)
      if (definition.name !== collection) return rows
      return new Proxy(rows, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          if (name !== 'get') return value.bind(target)
          return async (id: string) => {
            await gate.pass()
            return target.get(id)
          }
        },
      })
    },
  }
}

async function ask(gateway: TestGateway, head: string): Promise<Socket> {
  const socket = connect(gateway.http?.port ?? 0, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`${head}\r\nhost: localhost\r\n\r\n`)
  return socket
}

/** Whoever is answered now has been read after all that was sent and hung up before. */
async function settle(gateway: TestGateway): Promise<void> {
  for (let round = 0; round < 3; round += 1) await askHttp(gateway, '/nothing')
}

/** Asks so many times and hangs up while all wait at the gate, which then opens. */
async function hangUp(gateway: TestGateway, gate: Gate, times: number, head: string): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: times }, () => ask(gateway, head)))
  await settle(gateway)
  for (const socket of sockets) socket.destroy()
  await Promise.all(sockets.map((socket) => once(socket, 'close')))
  await settle(gateway)
  gate.open()
  await settle(gateway)
}

it('leave no place of a stream of events taken', async () => {
  const gate = new Gate()
  await using gateway = await startTestGateway({ override: ({ bus }) => ({ bus: slowLog(bus, gate) }) })
  const head = `GET /api/v1/events HTTP/1.1\r\nauthorization: Bearer ${await operatorOf(gateway)}`
  await hangUp(gateway, gate, 20, head)
  const socket = await ask(gateway, head)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
})

it('leave no place of the web seed taken', async () => {
  const gate = new Gate()
  await using gateway = await startTestGateway({
    override: ({ state }) => ({ state: slowState(state, seedings.name, gate) }),
  })
  const { state, blobs } = gateway.context
  const communityId = await addControlled(gateway.context)
  const infoHash = 'ab'.repeat(20)
  const { key: blob, sizeBytes } = await blobs.put([new Uint8Array(100)])
  const torrent = { infoHash, magnetLink: '', trackers: [], infoBlob: blob, indexBlob: blob, indexBytes: sizeBytes }
  await state.collection(catalogues).put(communityId, { ...emptyCatalogue, torrent }, 0)
  await state.collection(seedings).put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  const path = `/seeds/${infoHash}/${communityId}/index`
  await hangUp(gateway, gate, 16, `GET ${path} HTTP/1.1`)
  expect(await askHttp(gateway, path)).toMatchObject({ status: 200 })
})

it('are nothing that the log of a node has to say', async () => {
  const gate = new Gate()
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  await using gateway = await startTestGateway({
    override: ({ state }) => ({ log, state: slowState(state, ownerTokens.name, gate) }),
  })
  const token = await operatorOf(gateway)
  const stranger = `authorization: Bearer ${'0'.repeat(16)}.${'A'.repeat(43)}`
  await hangUp(gateway, gate, 1, `GET /api/v1/status HTTP/1.1\r\n${stranger}`)
  const operator = `authorization: Bearer ${token}`
  const body = 'content-type: application/json\r\ncontent-length: 100'
  const half = await ask(gateway, `POST /api/v1/keys HTTP/1.1\r\n${operator}\r\n${body}`)
  half.write('{')
  await settle(gateway)
  half.destroy()
  // Many at once on one connection: the last of them are looked at when it is gone.
  const piped = await ask(gateway, '')
  piped.end('GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(100))
  piped.destroy()
  await settle(gateway)
  expect(lines).toEqual([])
})
