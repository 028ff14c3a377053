import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { ProcessState } from '@annals/annals'
import { serviceNames } from '@annals/annals'
import { choosePort, startMongo, startNats } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it, vi } from 'vitest'

const run = promisify(execFile)
const program = join(import.meta.dirname, '..', 'services', 'annals', 'src', 'main.ts')
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  ANNALS_TORRENT_HOST: '127.0.0.1',
  ANNALS_TORRENT_DHT: 'off',
  ANNALS_TRACKERS: '',
}

/** Follows what the command says of its processes. */
class Follower {
  readonly states = new Map<string, ProcessState>()
  readonly #lines: AsyncIterator<string>

  constructor(output: NodeJS.ReadableStream) {
    this.#lines = createInterface(output)[Symbol.asyncIterator]()
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error('the cluster ended')
      const state = JSON.parse(value) as ProcessState
      this.states.set(state.name, state)
    }
  }

  allAtWork(count: number): boolean {
    return this.states.size === count && [...this.states.values()].every(({ status }) => status === 'at work')
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('annals cluster', () => {
  it('starts servers and services, starts again what dies, and leaves nothing when it is interrupted', async (test) => {
    // So that this machine has them, or the test says why not.
    await using _nats = await startOrSkip(test, () => startNats())
    await using _mongo = await startOrSkip(test, () => startMongo())
    const folder = await mkdtemp(join(tmpdir(), 'annals-cluster-'))
    const place = `127.0.0.1:${await choosePort()}`
    const env = { ...environment, ANNALS_HTTP: place, ANNALS_TOKEN: 'the-token-of-this-cluster' }
    const args = ['cluster', '--count', 'archiver=2', '--count', 'gateway=2', '--json', '--data', folder]
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = text(child.stderr)
    const follower = new Follower(child.stdout)
    const count = serviceNames.length + 2 + 2
    await follower.until(() => follower.allAtWork(count))

    const victim = follower.states.get('archiver-1')
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    await follower.until(() => follower.states.get('archiver-1')?.restarts === 1)
    expect(follower.states.get('archiver-1')?.lastEnding).toBe('SIGKILL')
    await follower.until(() => follower.allAtWork(count))
    const { stdout } = await run(process.execPath, [program, 'status', '--json', '--data', folder], { env })
    expect(JSON.parse(stdout)).toMatchObject({ communities: [] })
    // Of two gateways the first one has what only one of them can have.
    expect((await fetch(`http://${place}/`)).status).toBe(200)

    const pids = [...follower.states.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
    expect(pids).toHaveLength(serviceNames.length + 2)
    child.kill('SIGINT')
    child.stdout.resume()
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code, await said).toBe(0)
    expect(pids.filter(isAlive)).toStrictEqual([])
    await rm(folder, { recursive: true, force: true })
  }, 300_000)

  it('lets its services end with it when it is killed', async (test) => {
    await using nats = await startOrSkip(test, () => startNats())
    await using mongo = await startOrSkip(test, () => startMongo())
    const folder = await mkdtemp(join(tmpdir(), 'annals-cluster-'))
    const env = { ...environment, NATS_URL: nats.url, MONGODB_URI: mongo.url }
    const child = spawn(process.execPath, [program, 'cluster', '--json', '--data', folder], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const follower = new Follower(child.stdout)
    await follower.until(() => follower.allAtWork(serviceNames.length))
    const pids = [...follower.states.values()].map(({ pid }) => pid ?? 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await vi.waitFor(() => expect(pids.filter(isAlive)).toStrictEqual([]), { timeout: 60_000, interval: 50 })
    await rm(folder, { recursive: true, force: true })
  }, 300_000)

  it('says what is wrong with the numbers of processes', async () => {
    const failing = run(process.execPath, [program, 'cluster', '--count', 'archivist=2'], { env: environment })
    await expect(failing).rejects.toMatchObject({ code: 2 })
  })
})

describe('annals run', () => {
  it('wants engines that it can share, and a service that there is', async () => {
    await expect(run(process.execPath, [program, 'run', 'scheduler'], { env: environment })).rejects.toMatchObject({
      code: 2,
    })
    await expect(run(process.execPath, [program, 'run', 'schedule'], { env: environment })).rejects.toMatchObject({
      code: 2,
    })
  })
})
