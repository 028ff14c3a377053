import type { HealthCheckResponse, ServerReflectionResponse } from './testing/well-known-services.ts'
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Metadata, status } from '@grpc/grpc-js'
import { BusUnavailableError } from '@annals/events'
import { AddressUnavailableError, TokenRequiredError } from './gateway-errors.ts'
import { addressText } from './server/address.ts'
import type { TestGateway, TestOptions } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'
import { checkHealth, reflect } from './testing/well-known-services.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-server-'))
})
afterAll(() => rm(folder, { recursive: true }))

const getStatus = (gateway: TestGateway, metadata?: Metadata): Promise<{ version: string }> =>
  ask(gateway.client, 'getStatus', { communityId: '' }, metadata)

const bearer = (token: string): Metadata => {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  return metadata
}

describe('where it listens', () => {
  it('is a socket in the data folder that nobody but its owner can open', async () => {
    await using gateway = await startTestGateway()
    const path = gateway.address.kind === 'socket' ? gateway.address.path : ''
    expect(path).toBe(join(gateway.context.config.dataFolder, 'annals.sock'))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await getStatus(gateway)).version).not.toBe('')
  })

  it('is a short path of the same user where the data folder has a long one', async () => {
    const long = join(folder, 'long/'.repeat(30))
    await mkdir(long, { recursive: true })
    await using gateway = await startTestGateway({ env: { ANNALS_DATA: long } })
    expect((await getStatus(gateway)).version).not.toBe('')
    const path = gateway.address.kind === 'socket' ? gateway.address.path : ''
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    // A folder that others can write to could hold a socket of theirs.
    await chmod(dirname(path), 0o777)
    const other = join(long, 'other')
    await expect(startTestGateway({ env: { ANNALS_DATA: other } })).rejects.toBeInstanceOf(AddressUnavailableError)
    await chmod(dirname(path), 0o700)
  })

  it('takes the place of a socket that a killed node left behind', async () => {
    const path = join(folder, 'stale.sock')
    const env = { ANNALS_GRPC: `unix:${path}` }
    const left = createServer().listen(path)
    await new Promise((resolve) => left.once('listening', resolve))
    // A node that answers keeps its socket.
    await expect(startTestGateway({ env })).rejects.toBeInstanceOf(AddressUnavailableError)
    await new Promise((resolve) => left.close(resolve))
    await writeFile(path, '')
    // What is no socket is somebody's file.
    await expect(startTestGateway({ env })).rejects.toBeInstanceOf(AddressUnavailableError)
    await rm(path)
    await using gateway = await startTestGateway({ env })
    expect((await getStatus(gateway)).version).not.toBe('')
  })

  it('is a port on loopback, without a token', async () => {
    await using gateway = await startTestGateway({ env: { ANNALS_GRPC: '127.0.0.1:0' } })
    expect(addressText(gateway.address)).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    expect((await getStatus(gateway)).version).not.toBe('')
    const taken = startTestGateway({ env: { ANNALS_GRPC: addressText(gateway.address) } })
    await expect(taken).rejects.toBeInstanceOf(AddressUnavailableError)
  })

  it('is nothing that other machines reach, unless there is a token', async () => {
    await expect(startTestGateway({ env: { ANNALS_GRPC: '0.0.0.0:0' } })).rejects.toBeInstanceOf(TokenRequiredError)
  })
})

describe('who may call', () => {
  const token = 'a-secret-of-enough-length'
  const options: TestOptions = { env: { ANNALS_GRPC: '127.0.0.1:0', ANNALS_TOKEN: token } }

  it('is who brings the token', async () => {
    await using gateway = await startTestGateway(options)
    expect((await getStatus(gateway, bearer(token))).version).not.toBe('')
    for (const metadata of [new Metadata(), bearer('wrong'), bearer(`${token}x`), bearer(token.slice(0, -1))])
      expect(await failure(getStatus(gateway, metadata))).toMatchObject({
        code: status.UNAUTHENTICATED,
        reason: 'TOKEN_MISSING_OR_WRONG',
      })
  })

  it('is refused before a stream or a message is looked at', async () => {
    await using gateway = await startTestGateway(options)
    const call = gateway.client.streamEvents({ after: 0, names: [], communityId: '', follow: true })
    const read = async (): Promise<void> => {
      for await (const _ of call) throw new Error('an event came through')
    }
    expect(await failure(read())).toMatchObject({ code: status.UNAUTHENTICATED })
    expect(await failure(reflect(gateway.address))).toMatchObject({ code: status.UNAUTHENTICATED })
  })

  it('may ask for health without a token, as probes do', async () => {
    await using gateway = await startTestGateway(options)
    expect(await checkHealth(gateway.address, '')).toEqual<HealthCheckResponse>({ status: 'SERVING' })
  })
})

describe('beside the interface', () => {
  it('says that it is healthy, also of the interface alone', async () => {
    await using gateway = await startTestGateway()
    expect(await checkHealth(gateway.address, 'annals.api.v1.AnnalsService')).toEqual({ status: 'SERVING' })
    expect(await failure(checkHealth(gateway.address, 'nobody'))).toMatchObject({ code: status.NOT_FOUND })
  })

  it('says what can be called and what the messages look like', async () => {
    await using gateway = await startTestGateway()
    const { services, symbols }: ServerReflectionResponse = await reflect(gateway.address, [
      'annals.api.v1.AnnalsService',
      'annals.api.v1.ImportRecord',
      'google.protobuf.Any',
      'grpc.health.v1.Health',
    ])
    expect(services).toEqual(expect.arrayContaining(['annals.api.v1.AnnalsService', 'grpc.health.v1.Health']))
    expect(symbols).toEqual([true, true, true, true])
  })
})

describe('what goes wrong', () => {
  it('shows nothing of an error that nobody foresaw but an incident number', async () => {
    const secret = new Error('the password is hunter2')
    const messages = { summary: () => Promise.reject(secret) }
    await using gateway = await startTestGateway({
      override: (context) => ({
        messages: Object.assign(Object.create(context.messages) as typeof context.messages, messages),
      }),
    })
    const privateKey = Buffer.alloc(0)
    await ask(gateway.client, 'addCommunity', { controlNode: { privateKey }, name: '', chats: [] })
    const failed = await failure(getStatus(gateway))
    expect(failed).toMatchObject({ code: status.INTERNAL, reason: 'INTERNAL' })
    expect(failed.message).toContain(failed.metadata?.['incident'])
    expect(JSON.stringify(failed)).not.toContain('hunter2')
  })

  it('says of stores that cannot be reached that they may be back', async () => {
    const bus = { lastSequence: () => Promise.reject(new BusUnavailableError('reading', new Error('gone'))) }
    await using gateway = await startTestGateway({
      override: (context) => ({ bus: Object.assign(Object.create(context.bus) as typeof context.bus, bus) }),
    })
    expect(await failure(getStatus(gateway))).toMatchObject({
      code: status.UNAVAILABLE,
      reason: 'EVENT_LOG_UNAVAILABLE',
    })
  })

  it('ends a call without a deadline by itself, and one with a deadline then', async () => {
    const bus = { lastSequence: () => new Promise<number>(() => undefined) }
    await using gateway = await startTestGateway({
      defaultDeadlineSeconds: 0.05,
      override: (context) => ({ bus: Object.assign(Object.create(context.bus) as typeof context.bus, bus) }),
    })
    expect(await failure(getStatus(gateway))).toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      reason: 'DEFAULT_DEADLINE',
    })
    const own = new Promise((_, reject) => {
      const deadline = Date.now() + 50
      gateway.client.getStatus({ communityId: '' }, new Metadata(), { deadline }, (error) => reject(error))
    })
    expect(await failure(own)).toMatchObject({ code: status.DEADLINE_EXCEEDED })
  })

  it('ends streams that follow when it stops, and says so', async () => {
    await using gateway = await startTestGateway()
    await ask(gateway.client, 'addCommunity', { controlNode: { privateKey: Buffer.alloc(0) }, name: '', chats: [] })
    const call = gateway.client.streamEvents({ after: 0, names: [], communityId: '', follow: true })
    const events = call[Symbol.asyncIterator]()
    expect(await events.next()).toMatchObject({ done: false })
    const next = events.next()
    const [failed] = await Promise.all([failure(next), gateway.stop()])
    expect(failed).toMatchObject({ code: status.UNAVAILABLE, reason: 'NODE_STOPPING' })
  })
})
