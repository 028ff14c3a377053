import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chown, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { addressText } from '@annals/gateway'
import { startTestGateway } from '@annals/gateway/testing'
import { openTestNode, testFolder } from '@annals/service/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Examination } from '../index.ts'
import { examineQuietly, findingsOf, quiet, resultsOf } from '../testing/read-examination.ts'
import { runCli } from '../testing/run-cli.ts'

/** What is found of every node that serves this machine only. */
const always = ['torrent-port/loopback']

interface NodeFolder {
  /** With `data` and `channel` in it. */
  readonly path: string
  readonly data: string
  readonly env: Readonly<Record<string, string>>
}

/** A folder on which a node was at work. */
async function nodeFolder(): Promise<NodeFolder> {
  const { path, [Symbol.asyncDispose]: remove } = await testFolder()
  onTestFinished(() => remove())
  await (await openTestNode({ folder: path }))[Symbol.asyncDispose]()
  const data = join(path, 'data')
  return { path, data, env: { ANNALS_DATA: data, ANNALS_CHANNEL: join(path, 'channel') } }
}

async function emptyFolder(): Promise<string> {
  const { path, [Symbol.asyncDispose]: remove } = await testFolder()
  onTestFinished(() => remove())
  return path
}

/** A port of loopback on which a program listens that is no node. */
async function takenPort(): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const examineEnv = (env: Readonly<Record<string, string>>): Promise<Examination> => examineQuietly({ env })

describe('the data folder', () => {
  it('of a node that was stopped has nothing wrong, and is as it was before', async () => {
    const { data, env } = await nodeFolder()
    const before = (await readdir(data)).toSorted()
    const examination = await examineEnv(env)
    expect(findingsOf(examination)).toStrictEqual(always)
    expect(examination).toMatchObject({ verdict: 'warning', engines: 'embedded', fixes: [] })
    expect(resultsOf(examination, 'databases')).toMatchObject([{ verdict: 'ok' }])
    const after = (await readdir(data)).filter((name) => !/-(wal|shm)$/.test(name))
    expect(after.toSorted()).toStrictEqual(before)
  })

  it('of a node at work is told of, and its databases are left alone', async () => {
    await using node = await openTestNode()
    const { dataFolder, channel } = node.context.config
    const port = String(node.context.torrents.address.port)
    const env = { ANNALS_DATA: dataFolder, ANNALS_CHANNEL: channel, ANNALS_TORRENT_PORT: port }
    const examination = await examineEnv(env)
    expect(findingsOf(examination)).toStrictEqual(always)
    expect(resultsOf(examination, 'folder-lock')[0]?.found).toContain(String(process.pid))
    expect(resultsOf(examination, 'databases')).toMatchObject([{ verdict: 'not checked' }])
  })

  it('that is not there is not made', async () => {
    const folder = await emptyFolder()
    const examination = await examineEnv({ ANNALS_DATA: join(folder, 'none') })
    expect(findingsOf(examination)).toStrictEqual(['data-folder/missing', ...always])
    expect(resultsOf(examination, 'databases')).toMatchObject([{ verdict: 'not checked' }])
    expect(await readdir(folder)).toStrictEqual([])
  })

  it('must be a folder', async () => {
    const file = join(await emptyFolder(), 'file')
    await writeFile(file, '')
    const found = findingsOf(await examineEnv({ ANNALS_DATA: file }))
    expect(found).toContain('data-folder/not-a-folder')
    expect(findingsOf(await examineEnv({ ANNALS_DATA: join(file, 'below') }))).toContain('data-folder/not-a-folder')
  })

  it('must take what is written', async () => {
    const { data, env } = await nodeFolder()
    // A limit on the size of files stands for a disk that is full.
    const program = join(import.meta.dirname, '..', 'main.ts')
    const limited = ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, program, 'doctor', '--json']
    const run = promisify(execFile)('/bin/sh', limited, { env: { ...quiet, ...env } })
    const { code, stdout } = (await run.catch((error: unknown) => error)) as { code: number; stdout: string }
    expect(code).toBe(1)
    expect(findingsOf(JSON.parse(stdout) as Examination)).toContain('data-folder/unwritable')
    expect((await readdir(data)).filter((name) => name.startsWith('doctor-'))).toStrictEqual([])
  })

  it('must be this user’s', async () => {
    let folder = '/'
    if (process.getuid?.() === 0) {
      folder = await emptyFolder()
      await chown(folder, 12_345, 12_345)
    }
    expect(findingsOf(await examineEnv({ ANNALS_DATA: folder }))).toContain('data-folder/foreign')
  })
})

describe('a database', () => {
  it('that is damaged is told of with what SQLite says', async () => {
    const { data, env } = await nodeFolder()
    const path = join(data, 'events.db')
    await using file = await open(path, 'r+')
    // The third page is the root of a table or an index.
    await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 2 * 4096)
    const examination = await examineEnv(env)
    expect(examination.verdict).toBe('problem')
    expect(resultsOf(examination, 'databases')[0]).toMatchObject({ kind: 'damaged', about: path })
  })

  it('that a newer version wrote is told of', async () => {
    const { data, env } = await nodeFolder()
    const database = new DatabaseSync(join(data, 'state.db'))
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(findingsOf(await examineEnv(env))).toStrictEqual(['databases/too-new', ...always])
  })

  it('that is something else is told of, whichever it is', async () => {
    const { path, data, env } = await nodeFolder()
    await writeFile(
      join(data, 'messages.db'),
      'no database, but a text that is longer than a header would be '.repeat(20),
    )
    await rm(join(path, 'channel', 'channel.db'))
    const foreign = new DatabaseSync(join(path, 'channel', 'channel.db'))
    foreign.exec('CREATE TABLE other (x)')
    foreign.close()
    const found = resultsOf(await examineEnv(env), 'databases').map(({ kind, about }) => [kind, about])
    expect(found).toStrictEqual([
      ['not-ours', join(data, 'messages.db')],
      ['not-ours', join(path, 'channel', 'channel.db')],
    ])
  })

  it('that is missing beside others is told of, and so is one that cannot be opened', async () => {
    const { data, env } = await nodeFolder()
    await rm(join(data, 'state.db'))
    await rm(join(data, 'events.db'))
    await mkdir(join(data, 'events.db'))
    const found = resultsOf(await examineEnv(env), 'databases').map(({ kind, about }) => [kind, about])
    expect(found).toStrictEqual([
      ['missing', join(data, 'state.db')],
      ['unreadable', join(data, 'events.db')],
    ])
  })
})

describe('settings', () => {
  it('that are wrong are told, and everything else is looked at nevertheless', async () => {
    const { env } = await nodeFolder()
    const examination = await examineEnv({ ...env, ANNALS_NONSENSE: 'x', ANNALS_TORRENT_PORT: 'many' })
    const wrong = resultsOf(examination, 'settings').map(({ kind, about }) => [kind, about])
    expect(wrong).toStrictEqual([
      ['wrong', 'ANNALS_NONSENSE'],
      ['wrong', 'ANNALS_TORRENT_PORT'],
    ])
    expect(resultsOf(examination, 'databases')).toMatchObject([{ verdict: 'ok' }])
  })

  it('that name one of two servers choose the cluster, of which the other one is not asked', async () => {
    const examination = await examineEnv({ NATS_URL: 'nats://127.0.0.1:1' })
    expect(examination.engines).toBe('cluster')
    expect(resultsOf(examination, 'settings')).toMatchObject([{ kind: 'wrong', about: 'MONGODB_URI' }])
    expect(resultsOf(examination, 'nats-connection')).toMatchObject([{ kind: 'unreachable' }])
    expect(resultsOf(examination, 'mongodb-connection')).toMatchObject([{ verdict: 'not checked' }])
  })

  it('of a clock file are told of, and of one that cannot be read', async () => {
    const folder = await emptyFolder()
    const path = join(folder, 'clock')
    const env = { ANNALS_DATA: folder, ANNALS_CLOCK: `file:${path}` }
    expect(findingsOf(await examineEnv(env))).toContain('clock-file/unreadable')
    await writeFile(path, '1700000000')
    expect(findingsOf(await examineEnv(env))).toContain('clock-file/not-the-machines')
  })
})

describe('the address of torrents', () => {
  it('must be free, also for DHT', async () => {
    const folder = await emptyFolder()
    const taken = { ANNALS_DATA: folder, ANNALS_TORRENT_PORT: String(await takenPort()) }
    expect(findingsOf(await examineEnv(taken))).toContain('torrent-port/taken')

    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    onTestFinished(() => void socket.close())
    const env = { ANNALS_DATA: folder, ANNALS_TORRENT_PORT: String(socket.address().port) }
    expect(findingsOf(await examineEnv({ ...env, ANNALS_TORRENT_DHT: 'on' }))).toContain('torrent-port/taken')
    expect(findingsOf(await examineEnv(env))).not.toContain('torrent-port/taken')
  })

  it('must be this machine’s', async () => {
    const env = { ANNALS_DATA: await emptyFolder(), ANNALS_TORRENT_HOST: '192.0.2.99' }
    expect(findingsOf(await examineEnv(env))).toContain('torrent-port/not-ours')
  })

  it('is found through trackers whose names resolve, or by DHT', async () => {
    // Too long for a name: nobody is asked.
    const env = { ANNALS_DATA: await emptyFolder(), ANNALS_TRACKERS: `http://${'x'.repeat(64)}.example/announce` }
    const found = findingsOf(await examineEnv(env))
    expect(found).toStrictEqual(expect.arrayContaining(['trackers/unresolved', 'trackers/nobody']))
    const withDht = findingsOf(await examineEnv({ ...env, ANNALS_TORRENT_DHT: 'on' }))
    expect(withDht).toContain('trackers/unresolved')
    expect(withDht).not.toContain('trackers/nobody')
  })
})

describe('the gRPC address', () => {
  it('is fine where a node answers, whether at a socket or a port', async () => {
    await using gateway = await startTestGateway()
    const socket = await examineEnv({ ANNALS_DATA: gateway.context.config.dataFolder })
    expect(resultsOf(socket, 'grpc-address')[0]?.found).toContain('a node answers')

    await using other = await startTestGateway({ env: { ANNALS_GRPC: '127.0.0.1:0', ANNALS_TOKEN: 'x'.repeat(16) } })
    const env = { ANNALS_DATA: await emptyFolder(), ANNALS_GRPC: addressText(other.address) }
    const withToken = await examineEnv({ ...env, ANNALS_TOKEN: 'x'.repeat(16) })
    expect(resultsOf(withToken, 'grpc-address')).toMatchObject([{ verdict: 'ok' }])
    expect(findingsOf(await examineEnv({ ...env, ANNALS_TOKEN: 'y'.repeat(16) }))).toContain(
      'grpc-address/token-refused',
    )
  })

  it('must be one, of this machine, with a token where others reach it, and nobody else’s', async () => {
    const folder = await emptyFolder()
    const file = join(folder, 'file')
    await writeFile(file, '')
    const kinds = [
      ['127.0.0.1:99999', 'invalid'],
      ['0.0.0.0:0', 'no-token'],
      ['192.0.2.99:1234', 'no-token', 'not-ours'],
      [`127.0.0.1:${await takenPort()}`, 'taken'],
      [`unix:${file}`, 'taken'],
      ['127.0.0.1:0'],
    ] as const
    for (const [address, ...expected] of kinds) {
      const examination = await examineEnv({ ANNALS_DATA: folder, ANNALS_GRPC: address })
      const found = resultsOf(examination, 'grpc-address').flatMap(({ kind }) => kind ?? [])
      expect([address, ...found]).toStrictEqual([address, ...expected])
    }
  })
})

describe('the command', () => {
  it('ends with 0 where there are warnings only, and with 1 where there is a problem', async () => {
    const { env } = await nodeFolder()
    const fine = await runCli(['doctor', '--json'], { ...quiet, ...env })
    expect({ ...fine, stdout: '' }).toStrictEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(findingsOf(JSON.parse(fine.stdout) as Examination)).toStrictEqual(always)
    const wrong = await runCli(['doctor'], { ...quiet, ...env, ANNALS_NONSENSE: 'x' })
    expect(wrong.exitCode).toBe(1)
    expect(wrong.stdout).toMatch(/^problem +settings +ANNALS_NONSENSE/m)
  })

  it('takes the data folder from --data, and a service that there is', async () => {
    const { data, env } = await nodeFolder()
    const { stdout } = await runCli(['doctor', '--json', '--data', data], { ...quiet, ...env, ANNALS_DATA: '/nowhere' })
    expect(resultsOf(JSON.parse(stdout) as Examination, 'data-folder')).toMatchObject([{ verdict: 'ok', found: data }])
    expect((await runCli(['doctor', '--service', 'nonsense'])).exitCode).toBe(2)
  })
})
