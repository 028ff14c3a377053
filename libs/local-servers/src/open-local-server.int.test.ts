import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it, onTestFinished } from 'vitest'
import { choosePort } from './choose-port.ts'
import { ServerDisposedError, ServerStartError } from './errors.ts'
import type { StartOptions } from './local-server.ts'
import { openLocalServer } from './open-local-server.ts'
import { spawnSupervised } from './processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from './server-program.ts'
import type { ServerKind, ServerProgram } from './server-program.ts'

const servePid = fileURLToPath(new URL('testing/serve-pid.ts', import.meta.url))

/** The process id of the server that listens there, if one does. */
async function pidAt(port: number): Promise<number | undefined> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    const [line] = (await once(socket, 'data')) as [Buffer]
    return Number(line)
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

const kind: ServerKind = { name: 'test', scheme: 'test', answers: async (port) => (await pidAt(port)) !== undefined }

function program(...further: string[]): ServerProgram {
  return {
    origin: 'a server for tests',
    async launch({ folder, port }) {
      await using output = await open(join(folder, outputFileName), 'a')
      const args = [servePid, String(port), ...further]
      return spawnSupervised(process.execPath, args, { outputFile: output.fd, lockFile: join(folder, lockFileName) })
    },
  }
}

async function start(options: StartOptions = {}, which = program()): ReturnType<typeof openLocalServer> {
  const server = await openLocalServer(kind, which, options)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

const portOf = (url: string): number => Number(new URL(url).port)

describe('a server of our own', () => {
  it.for(['kill', 'stop'] as const)('is gone after %s, and starts again at the same address', async (end) => {
    const server = await start()
    const before = await pidAt(portOf(server.url))
    await server[end]()
    expect(await pidAt(portOf(server.url))).toBe(undefined)
    await server.start()
    expect(await pidAt(portOf(server.url))).not.toBe(before)
  })

  it('starts again after somebody else killed it', async () => {
    const server = await start()
    const before = Number(await pidAt(portOf(server.url)))
    process.kill(before, 'SIGKILL')
    await server.start()
    const after = Number(await pidAt(portOf(server.url)))
    expect(after).toBeGreaterThan(0)
    expect(after).not.toBe(before)
  })

  it('does one thing after the other, and nothing twice', async () => {
    const server = await start()
    const before = await pidAt(portOf(server.url))
    await Promise.all([server.start(), server.start()])
    expect(await pidAt(portOf(server.url))).toBe(before)
    await Promise.all([server.kill(), server.stop(), server.kill(), server.start()])
    expect(await pidAt(portOf(server.url))).toBeGreaterThan(0)
  })

  it('removes a folder of its own when it is disposed of, and keeps one that was given', async () => {
    const folder = await temporaryFolder('given')
    const own = await start()
    const given = await start({ folder })
    await own[Symbol.asyncDispose]()
    await given[Symbol.asyncDispose]()
    expect([existsSync(own.folder), existsSync(folder)]).toStrictEqual([false, true])
    await expect(own.start()).rejects.toThrow(ServerDisposedError)
  })

  it('removes the temporary folders of processes that are gone, and no others', async () => {
    const gone = spawn('true')
    await once(gone, 'exit')
    const [left, inUse] = await Promise.all(
      [gone.pid, process.pid].map((owner) => mkdtemp(join(tmpdir(), `annals-test-${owner}-`))),
    )
    onTestFinished(() => rm(inUse ?? '', { recursive: true, force: true }))
    await start()
    expect([existsSync(left ?? ''), existsSync(inUse ?? '')]).toStrictEqual([false, true])
  })

  it('says how it ended and its last words where it does not start', async () => {
    const folder = await temporaryFolder('failing')
    const failing = start({ folder }, program('3'))
    await expect(failing).rejects.toMatchObject({
      name: 'ServerStartError',
      origin: 'a server for tests',
      folder,
      output: 'cannot work like this',
    })
  })

  it('does not work on a folder that another one works on', async () => {
    const server = await start()
    await expect(start({ folder: server.folder })).rejects.toThrow(ServerStartError)
  })

  it('does not take a port that was asked for and is not free', async () => {
    const server = await start()
    await expect(start({ port: portOf(server.url) })).rejects.toThrow(ServerStartError)
  })

  it('ends a start that is under way when it is told to, and leaves nothing of it', async () => {
    const port = await choosePort()
    const stop = new AbortController()
    const reason = new Error('not wanted any more')
    const deaf: ServerKind = {
      ...kind,
      answers: async () => (await pidAt(port)) !== undefined && (stop.abort(reason), false),
    }
    await expect(openLocalServer(deaf, program(), { port, signal: stop.signal })).rejects.toBe(reason)
    expect(await pidAt(port)).toBe(undefined)
  })
})
