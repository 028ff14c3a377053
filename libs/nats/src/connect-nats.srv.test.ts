import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, connect as dial, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startFaultProxy, startNats } from '@annals/local-servers'
import { startOrSkip, testNatsUrl } from '@annals/local-servers/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { checkJetStream } from './call-jetstream.ts'
import { connectNats } from './connect-nats.ts'
import { ensureStream, listStreamDrift, type StreamDeclaration } from './ensure-stream.ts'
import {
  InvalidNatsOptionError,
  JetStreamUnavailableError,
  NatsAnswerLostError,
  NatsAuthorizationError,
  NatsPermissionError,
  NatsUnreachableError,
  NoRespondersError,
} from './errors.ts'
import { patiently } from './patience.ts'

const accounts = `
accounts {
  WITH: {
    jetstream: enabled
    users: [
      { user: all, password: secret }
      { user: few, password: secret, permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>", "$JS.API.STREAM.INFO.HIDDEN"] } } }
      { user: deaf, password: secret, permissions: { subscribe: { deny: ["_INBOX.>"] } } }
    ]
  }
  WITHOUT: { users: [{ user: without, password: secret }] }
}`

function declare(name: string): StreamDeclaration {
  return {
    name,
    description: 'for a test',
    subjects: [`${name}.>`],
    retention: 'limits',
    storage: 'memory',
    discard: 'old',
    replicas: 1,
    maxAgeSeconds: 60,
    maxMessages: -1,
    maxBytes: -1,
    maxMessagesPerSubject: -1,
    maxMessageBytes: -1,
    duplicateWindowSeconds: 60,
    denyDelete: false,
    denyPurge: false,
  }
}

const silent = { warn: () => {} }

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

function withUser(url: string, user: string): string {
  return url.replace('//', `//${user}:secret@`)
}

describe('connection to NATS', () => {
  it('waits for a first connection only as long as told', async () => {
    const options = { servers: 'nats://127.0.0.1:1', name: 'test', firstConnectionSeconds: 0.2 }
    const error = await refusal(connectNats(options))
    expect(error).toBeInstanceOf(NatsUnreachableError)
    expect(error).toMatchObject({ servers: ['127.0.0.1:1'] })
  })

  it('says that credentials are refused, and what a user may not do', async (test) => {
    await using server = await startOrSkip(test, () => startNats({ configuration: accounts }))
    const wrong = await refusal(connectNats({ servers: server.url.replace('//', '//all:wrong@'), name: 'test' }))
    expect(wrong).toBeInstanceOf(NatsAuthorizationError)

    await using all = await connectNats({ servers: withUser(server.url, 'all'), name: 'test' })
    await patiently({ link: all, seconds: 10 }, () => checkJetStream(all))
    await using few = await connectNats({ servers: withUser(server.url, 'few'), name: 'test' })
    const mayNotCreate = await refusal(ensureStream(few, declare('NEW'), silent))
    expect(mayNotCreate).toBeInstanceOf(NatsPermissionError)
    expect(mayNotCreate).toMatchObject({ operation: 'publish', subject: '$JS.API.STREAM.CREATE.NEW' })
    const mayNotLook = await refusal(ensureStream(few, declare('HIDDEN'), silent))
    expect(mayNotLook).toBeInstanceOf(NatsPermissionError)
    expect(mayNotLook).toMatchObject({ operation: 'publish', subject: '$JS.API.STREAM.INFO.HIDDEN' })
    await using deaf = await connectNats({ servers: withUser(server.url, 'deaf'), name: 'test' })
    expect(await refusal(checkJetStream(deaf))).toMatchObject({ name: 'NatsPermissionError', operation: 'subscribe' })
  })

  it('tries again where its credentials came too late for the server at first', async () => {
    const { hostname, port } = new URL(testNatsUrl())
    let connections = 0
    // What a server says that has waited for the credentials for as long as it does.
    const slow = createServer((socket) => {
      connections += 1
      socket.on('error', () => undefined)
      if (connections === 1) {
        socket.write('INFO {"version":"2.15.2","proto":1,"max_payload":1048576,"headers":true}\r\n')
        socket.once('data', () => socket.end("-ERR 'Authentication Timeout'\r\n"))
      } else {
        const server = dial(Number(port), hostname).on('error', () => undefined)
        socket.pipe(server).pipe(socket)
      }
    })
    await using _closing = { [Symbol.asyncDispose]: async () => void slow.close() }
    slow.listen(0, '127.0.0.1')
    await once(slow, 'listening')
    await using link = await connectNats({
      servers: `nats://127.0.0.1:${(slow.address() as AddressInfo).port}`,
      name: 'test',
    })
    await checkJetStream(link)
    expect(connections).toBe(2)
  })

  it('says that there is no JetStream', async (test) => {
    await using server = await startOrSkip(test, () => startNats({ configuration: accounts }))
    await using link = await connectNats({ servers: withUser(server.url, 'without'), name: 'test' })
    expect(await refusal(checkJetStream(link))).toBeInstanceOf(JetStreamUnavailableError)
  })

  it('refuses a credentials file that cannot be read or holds none', async () => {
    const path = join(await temporaryFolder('nats-credentials'), 'user.creds')
    const options = { servers: testNatsUrl(), name: 'test', credentialsFile: path }
    const missing = await refusal(connectNats(options))
    expect(missing).toBeInstanceOf(InvalidNatsOptionError)
    expect(missing).toMatchObject({ option: 'credentialsFile' })
    await writeFile(path, 'no credentials')
    const error = await refusal(connectNats(options))
    expect(error).toBeInstanceOf(InvalidNatsOptionError)
    expect(error).toMatchObject({ option: 'credentialsFile' })
  })

  it('ends requests under way when the connection ends, and says when it is there again', async () => {
    const { hostname, port } = new URL(testNatsUrl())
    await using proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    const address = `nats://${proxy.address.host}:${proxy.address.port}`
    await using link = await connectNats({ servers: address, name: 'test' })
    const subject = `test.${randomBytes(8).toString('hex')}`
    expect(await refusal(link.request(subject, ''))).toBeInstanceOf(NoRespondersError)
    link.connection.subscribe(subject)
    const underWay = refusal(link.request(subject, '', { timeoutMilliseconds: 60_000 }))
    await link.connection.flush()
    const there = new Promise<void>((resolve) => void link.onReconnect(resolve))
    await proxy.cut()
    expect(await underWay).toMatchObject({ name: 'NatsAnswerLostError', subject, reason: 'disconnected' })
    expect(await refusal(link.request(subject, ''))).toMatchObject({ reason: 'disconnected' })
    await proxy.heal()
    await there
    expect(link.state).toBe('connected')
    const late = await refusal(link.request(subject, '', { timeoutMilliseconds: 1 }))
    expect(late).toBeInstanceOf(NatsAnswerLostError)
    expect(late).toMatchObject({ reason: 'timeout' })
  })

  it('closes although the server is gone, or does not answer', async () => {
    const { hostname, port } = new URL(testNatsUrl())
    for (const mode of ['refuse', 'silent'] as const) {
      await using proxy = await startFaultProxy({ host: hostname, port: Number(port) })
      const address = `nats://${proxy.address.host}:${proxy.address.port}`
      const link = await connectNats({ servers: address, name: 'test' })
      await proxy.cut(mode)
      await link[Symbol.asyncDispose]()
      await link[Symbol.asyncDispose]()
      expect(link.state).toBe('closed')
      expect(await refusal(link.request('any', ''))).toMatchObject({ reason: 'closed' })
    }
  })
})

describe('declared streams', () => {
  it('are made where they are missing, once by any number of processes', async () => {
    await using link = await connectNats({ servers: testNatsUrl(), name: 'test' })
    const declaration = declare(`TEST-${randomBytes(6).toString('hex')}`)
    expect(await listStreamDrift(link, [declaration])).toStrictEqual([
      { stream: declaration.name, setting: 'exists', expected: true, found: false },
    ])
    const infos = await Promise.all([1, 2, 3].map(() => ensureStream(link, declaration, silent)))
    expect(new Set(infos.map(({ created }) => created)).size).toBe(1)
    expect(await listStreamDrift(link, [declaration])).toStrictEqual([])
    const changed = { ...declaration, maxAgeSeconds: 61, subjects: [`${declaration.name}.other`] }
    expect(await listStreamDrift(link, [changed])).toStrictEqual([
      { stream: declaration.name, setting: 'subjects', expected: changed.subjects, found: declaration.subjects },
      { stream: declaration.name, setting: 'max_age', expected: 61_000_000_000, found: 60_000_000_000 },
    ])
    await link.request(`$JS.API.STREAM.DELETE.${declaration.name}`, '')
  })
})
