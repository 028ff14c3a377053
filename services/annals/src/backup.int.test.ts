import type { BackupManifest } from '@annals/service'
import type { TestNode } from '@annals/service/testing'
import { appendFile, copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BackupUnusableError,
  FolderNotEmptyError,
  RestoreCutOffError,
  backUpFolder,
  openEngines,
  readEnv,
  restoreFolder,
} from '@annals/service'
import { addControlled, messageOf, openTestNode, waitForEvent } from '@annals/service/testing'
import { catalogues } from '@annals/storage'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allServices } from './all-services.ts'
import { NodeStartError } from './node-process.ts'
import { RemoteNode } from './remote-node.ts'
import { runCli, runJson } from './testing/run-cli.ts'

const { signal } = new AbortController()

const week = 604_800

/** Works all the time. */
let node: TestNode
let data: string
let communityId: string
let folder: string
let backup: string
let manifest: BackupManifest
beforeAll(async () => {
  node = await openTestNode()
  const { context } = node
  data = context.config.dataFolder
  communityId = await addControlled(context)
  const times = [3, 2, 1].map((weeks) => context.clock.now - weeks * week)
  const messages = times.map((time) => messageOf(communityId, time))
  await context.messages.ingest(communityId, messages, 'pending')
  for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
  await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  folder = await mkdtemp(join(tmpdir(), 'annals-backup-'))
  backup = join(folder, 'backup')
  manifest = await runJson<BackupManifest>(['backup', backup, '--data', data])
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

let copies = 0

/** A copy of the backup, with something done to it, and a place to restore it to. */
async function copyOf(damage: (backup: string) => Promise<unknown>): Promise<{ backup: string; restored: string }> {
  copies += 1
  const place = join(folder, `copy-${copies}`)
  await cp(backup, join(place, 'backup'), { recursive: true })
  await damage(join(place, 'backup'))
  return { backup: join(place, 'backup'), restored: join(place, 'data') }
}

const restoring = (restored: string, from: string): Promise<unknown> =>
  restoreFolder(readEnv({ ANNALS_DATA: restored }), from, { signal, log: pino({ level: 'silent' }) }).catch(
    (error: unknown) => error,
  )

async function firstBlob(from: string): Promise<string> {
  const [name = ''] = await readdir(join(from, 'blobs', 'blobs'))
  const [key = ''] = await readdir(join(from, 'blobs', 'blobs', name))
  return join(from, 'blobs', 'blobs', name, key)
}

describe('a backup', () => {
  it('holds what the state refers to, and neither the master key nor what can be made again', async () => {
    const names = await readdir(backup)
    expect(names.toSorted()).toEqual(['backup.json', 'blobs', 'events.db', 'messages.db', 'state.db'])
    expect(Object.keys(manifest.databases).toSorted()).toEqual(['events.db', 'messages.db', 'state.db'])
    expect(manifest.blobs.count).toBe(3 + 2)
    const again = join(folder, 'again')
    const second = await backUpFolder(readEnv({ ANNALS_DATA: data, ANNALS_CHANNEL: folder }), again, {
      signal,
    })
    expect(second.blobs).toEqual(manifest.blobs)
  })

  it('goes into no folder that holds something, and is none of a folder that is no node’s', async () => {
    const full = await backUpFolder(readEnv({ ANNALS_DATA: data }), backup, { signal }).catch((e: unknown) => e)
    expect(full).toBeInstanceOf(FolderNotEmptyError)
    const other = join(folder, 'other')
    expect(await runCli(['backup', other, '--data', folder])).toMatchObject({ exitCode: 2 })
    expect(await readdir(folder)).not.toContain('other')
  })

  it('is for the embedded engines: with NATS and MongoDB it says what to do', async () => {
    const env = {
      NATS_URL: 'nats://127.0.0.1:1',
      MONGODB_URI: 'mongodb://127.0.0.1:1',
      ANNALS_MASTER_KEY_FILE: '/none',
    }
    for (const command of ['backup', 'restore']) {
      const { exitCode, stderr } = await runCli([command, join(folder, 'elsewhere')], env)
      expect(exitCode).toBe(2)
      expect(stderr).toContain('docs/operate.md')
    }
  })
})

describe('a restore', () => {
  it('makes a folder whose state is what its log says, with every archive', async () => {
    const restored = join(folder, 'restored')
    await mkdir(restored)
    await copyFile(join(data, 'master.key'), join(restored, 'master.key'))
    expect(await runJson(['restore', backup, '--data', restored])).toMatchObject({ blobs: manifest.blobs })
    expect(await runCli(['replay', '--data', restored])).toMatchObject({ exitCode: 0 })
    await using stack = new AsyncDisposableStack()
    const config = readEnv({ ANNALS_DATA: restored })
    const { state, blobs } = await openEngines(config, pino({ level: 'silent' }), stack, { torrents: false })
    const catalogue = (await state.collection(catalogues).get(communityId))?.value
    for (const { blob } of catalogue?.archives ?? []) await Array.fromAsync(blobs.read(blob))
    expect(catalogue?.archives.length).toBe(3)
  })

  it('leaves a folder alone that holds something', async () => {
    const { backup: from, restored } = await copyOf(async () => undefined)
    await mkdir(restored)
    await writeFile(join(restored, 'state.db'), 'somebody’s')
    expect(await restoring(restored, from)).toBeInstanceOf(FolderNotEmptyError)
    expect(await readdir(restored)).toContain('state.db')
  })

  it.each<[string, (backup: string) => Promise<unknown>]>([
    ['a database that was changed', (from) => appendFile(join(from, 'messages.db'), 'x')],
    ['an archive that was changed', async (from) => appendFile(await firstBlob(from), 'x')],
    ['an archive that is missing', async (from) => rm(await firstBlob(from))],
    ['no list of what is in it, as one that was cut off', (from) => rm(join(from, 'backup.json'))],
    ['a list of another version', (from) => writeFile(join(from, 'backup.json'), '{"format":"annals-backup-9"}')],
  ])('refuses %s, and leaves an empty folder', async (_, damage) => {
    const { backup: from, restored } = await copyOf(damage)
    expect(await restoring(restored, from)).toBeInstanceOf(BackupUnusableError)
    const left = await readdir(restored).catch(() => [])
    expect(left.filter((name) => !name.startsWith('lock.'))).toEqual([])
  })

  it('that was cut off lets no node start on the folder, and is done again', async () => {
    const { backup: from, restored } = await copyOf(async () => undefined)
    await mkdir(join(restored, 'restoring'), { recursive: true })
    await copyFile(join(from, 'events.db'), join(restored, 'events.db'))
    await using stack = new AsyncDisposableStack()
    const opening = openEngines(readEnv({ ANNALS_DATA: restored }), pino({ level: 'silent' }), stack, {
      torrents: false,
    })
    expect(await opening.catch((error: unknown) => error)).toBeInstanceOf(RestoreCutOffError)
    await stack.disposeAsync()
    await runJson(['restore', from, '--data', restored])
    expect(await runCli(['replay', '--data', restored])).toMatchObject({ exitCode: 0 })
  })

  it('without the master key: the node says that it is missing, and makes no other one', async () => {
    const { backup: from, restored } = await copyOf(async () => undefined)
    await runJson(['restore', from, '--data', restored])
    const place = join(restored, '..', 'node')
    await mkdir(place)
    await cp(restored, join(place, 'data'), { recursive: true })
    const failed = await RemoteNode.start({ folder: place, environment: {} }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(NodeStartError)
    expect(failed).toMatchObject({ ending: '2' })
    expect(await readdir(join(place, 'data'))).not.toContain('master.key')
  })
})
