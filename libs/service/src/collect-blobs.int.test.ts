import { join } from 'node:path'
import type { BlobStore, Catalogue, CatalogueArchive, StateStore } from '@annals/storage'
import {
  catalogues,
  downloadProgress,
  emptyCatalogue,
  openFileBlobs,
  openSqliteState,
  waitingArchives,
} from '@annals/storage'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { collectBlobs } from './collect-blobs.ts'

const hour = 60 * 60 * 1000

/** Stores whose clock stands at hour 0 until it is moved. */
async function openScene(): Promise<AsyncDisposable & Scene> {
  const folder = await temporaryFolder('collect')
  await using stack = new AsyncDisposableStack()
  let time = 100 * hour
  const scene: Scene = {
    state: stack.use(await openSqliteState({ path: join(folder, 'state.db') })),
    blobs: stack.use(await openFileBlobs({ folder: join(folder, 'blobs'), now: () => time })),
    now: () => time,
    wait: (hours) => {
      time += hours * hour
    },
    put: async (text) => (await scene.blobs.put([new TextEncoder().encode(text)])).key,
    names: async (...texts) => {
      const names: string[] = []
      for (const text of texts) if (await scene.blobs.has(await keyOf(text))) names.push(text)
      return names
    },
  }
  const owned = stack.move()
  return { ...scene, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

interface Scene {
  readonly state: StateStore
  readonly blobs: BlobStore
  readonly now: () => number
  wait(hours: number): void
  readonly put: (text: string) => Promise<string>
  /** Those of the texts whose blobs are there. */
  names(...texts: string[]): Promise<string[]>
}

async function keyOf(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('hex')
}

function archiveOf(blob: string): CatalogueArchive {
  return {
    id: `0x${blob}`,
    from: 0,
    to: 1,
    contentTopics: [],
    offsetBytes: 0,
    sizeBytes: 1,
    paddingBytes: 0,
    blob,
    messages: 1,
  }
}

const imported = (blob: string): { blob: string; stored: number; known: number; setAside: number } => ({
  blob,
  stored: 1,
  known: 0,
  setAside: 0,
})

/** The store, with something done at the moment when a collection's listing begins or has ended. */
function meanwhile(state: StateStore, name: string, moment: 'before' | 'after', work: () => Promise<void>): StateStore {
  return {
    collection: (definition) => {
      const inner = state.collection(definition)
      if (definition.name !== name) return inner
      return new Proxy(inner, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target)
          if (key !== 'list') return typeof value === 'function' ? value.bind(target) : value
          return async function* () {
            if (moment === 'before') await work()
            yield* inner.list()
            if (moment === 'after') await work()
          }
        },
      })
    },
    scrub: () => state.scrub(),
    [Symbol.asyncDispose]: async () => {},
  }
}

describe('collecting blobs', () => {
  it('keeps archives that wait for a key, though no torrent has them any more', async () => {
    await using scene = await openScene()
    const waiting = { archiveId: '0x1', blob: await scene.put('waiting'), wantedKey: { keyId: '0x2' } }
    const rows = scene.state.collection(waitingArchives)
    const { id, version } = await rows.put(`one/${waiting.blob}`, waiting, 0)
    scene.wait(25)
    expect(await collectBlobs(scene, scene)).toMatchObject({ inUse: 1, deleted: 0 })
    await rows.delete(id, version)
    expect(await collectBlobs(scene, scene)).toMatchObject({ inUse: 0, deleted: 1 })
  })

  it('deletes what nothing refers to and was not put for a day, and counts', async () => {
    await using scene = await openScene()
    const { state, put } = scene
    const torrent = {
      infoHash: 'x',
      magnetLink: 'x',
      trackers: [],
      infoBlob: await put('info'),
      indexBlob: await put('index'),
      indexBytes: 1,
    }
    const catalogue: Catalogue = {
      ...emptyCatalogue,
      archives: [archiveOf(await put('archive'))],
      torrent,
      superseded: [await put('superseded')],
    }
    await state.collection(catalogues).put('one', catalogue, 0)
    const progress = { infoHash: 'x', imported: { a: imported(await put('imported')) }, downloadedBytes: 0 }
    await state.collection(downloadProgress).put('two', progress, 0)
    await put('forgotten')
    await put('put again')
    scene.wait(20)
    await put('put again')
    scene.wait(5)
    await put('new')
    expect(await collectBlobs(scene, scene)).toStrictEqual({
      blobs: 8,
      inUse: 5,
      young: 2,
      deleted: 1,
      deletedBytes: 'forgotten'.length,
      swept: 0,
    })
    expect(await scene.names('info', 'index', 'archive', 'superseded', 'imported', 'put again', 'new')).toHaveLength(7)
    expect(await scene.names('forgotten')).toStrictEqual([])
    expect(await collectBlobs(scene, { now: scene.now, unusedMilliseconds: 0 })).toMatchObject({ deleted: 1, young: 1 })
  })

  it.each(['before', 'after'] as const)(
    'leaves what goes from a download to the catalogue %s the downloads are looked at',
    async (moment) => {
      await using scene = await openScene()
      const blob = await scene.put('moving')
      const progress = scene.state.collection(downloadProgress)
      await progress.put('one', { infoHash: 'x', imported: { a: imported(blob) }, downloadedBytes: 0 }, 0)
      scene.wait(48)
      const state = meanwhile(scene.state, downloadProgress.name, moment, async () => {
        const catalogue = { ...emptyCatalogue, archives: [archiveOf(blob)] }
        await scene.state.collection(catalogues).put('one', catalogue, 0)
        await progress.put('one', { infoHash: 'y', imported: {}, downloadedBytes: 0 }, 1)
      })
      expect(await collectBlobs({ state, blobs: scene.blobs }, scene)).toMatchObject({ inUse: 1, deleted: 0 })
      expect(await scene.names('moving')).toStrictEqual(['moving'])
    },
  )

  it('leaves what is put again and referred to after the references were looked at', async () => {
    await using scene = await openScene()
    await scene.put('wanted again')
    scene.wait(48)
    const state = meanwhile(scene.state, catalogues.name, 'after', async () => {
      const catalogue = { ...emptyCatalogue, archives: [archiveOf(await scene.put('wanted again'))] }
      await scene.state.collection(catalogues).put('one', catalogue, 0)
    })
    expect(await collectBlobs({ state, blobs: scene.blobs }, scene)).toMatchObject({ young: 1, deleted: 0 })
    expect(await scene.names('wanted again')).toStrictEqual(['wanted again'])
  })

  it('leaves what is put again between the look at it and its deletion', async () => {
    await using scene = await openScene()
    await scene.put('wanted again')
    scene.wait(48)
    const { blobs } = scene
    const slow = new Proxy(blobs, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target)
        if (key !== 'deleteUnused') return typeof value === 'function' ? value.bind(target) : value
        return async (...args: Parameters<BlobStore['deleteUnused']>) => {
          await scene.put('wanted again')
          return blobs.deleteUnused(...args)
        }
      },
    })
    expect(await collectBlobs({ state: scene.state, blobs: slow }, scene)).toMatchObject({ deleted: 0 })
    expect(await scene.names('wanted again')).toStrictEqual(['wanted again'])
  })

  it('does not take for old what is referred to while a collection takes longer than a day', async () => {
    await using scene = await openScene()
    await scene.put('first of many')
    const state = meanwhile(scene.state, catalogues.name, 'after', async () => {
      const catalogue = { ...emptyCatalogue, archives: [archiveOf(await scene.put('new'))] }
      await scene.state.collection(catalogues).put('one', catalogue, 0)
      scene.wait(48)
    })
    expect(await collectBlobs({ state, blobs: scene.blobs }, scene)).toMatchObject({ young: 2, deleted: 0 })
  })
})
