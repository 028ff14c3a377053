import { existsSync } from 'node:fs'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { AuthorizationError, ConnectionError, connect } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it } from 'vitest'
import { ServerDisposedError, ServerStartError } from './errors.ts'
import { startNats } from './start-nats.ts'

async function withClient<T>(
  url: string,
  work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const client = await connect({ servers: url, reconnect: false })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

async function isReachable(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.flush())
    return true
  } catch (error) {
    if (error instanceof ConnectionError) return false
    throw error
  }
}

function publish(url: string): Promise<number> {
  return withClient(url, async (client) => {
    await (await jetstreamManager(client)).streams.add({ name: 'KEPT', subjects: ['kept'] })
    return (await jetstream(client).publish('kept', 'a message')).seq
  })
}

function messagesKept(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { state } = await (await jetstreamManager(client)).streams.info('KEPT')
    return state.messages
  })
}

describe('startNats', () => {
  it.for(['kill', 'stop'] as const)('finds what was acknowledged again, at the same address, after %s', async (end) => {
    await using server = await startNats()
    await publish(server.url)
    await server[end]()
    await expect(isReachable(server.url)).resolves.toBe(false)
    await server.start()
    expect(await messagesKept(server.url)).toBe(1)
  })

  it('does nothing where it is started twice or stopped twice', async () => {
    await using server = await startNats()
    await Promise.all([server.start(), server.stop(), server.stop(), server.start()])
    expect(await isReachable(server.url)).toBe(true)
  })

  it('removes a folder of its own at the end, and keeps one that was given', async () => {
    const folder = await temporaryFolder('given')
    const own = await startNats()
    const given = await startNats({ folder })
    await publish(given.url)
    await own[Symbol.asyncDispose]()
    await given[Symbol.asyncDispose]()
    expect(existsSync(own.folder)).toBe(false)
    await using again = await startNats({ folder })
    expect(await messagesKept(again.url)).toBe(1)
    await expect(own.start()).rejects.toThrow(ServerDisposedError)
  })

  it('takes further lines of configuration', async () => {
    const configuration = 'accounts { A: { jetstream: enabled, users: [{ user: a, password: secret }] } }'
    await using server = await startNats({ configuration })
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(AuthorizationError)
    const client = await connect({ servers: server.url, user: 'a', pass: 'secret' })
    expect(client.getServer()).toBe(new URL(server.url).host)
    await client.close()
  })

  it('says what the server said where it does not start', async () => {
    const error = await startNats({ configuration: 'no such setting: {' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ServerStartError)
    expect((error as ServerStartError).output).toContain('nats-server')
  })

  it('does not let two servers into one folder', async () => {
    await using server = await startNats()
    await expect(startNats({ folder: server.folder })).rejects.toThrow(ServerStartError)
  })
})
