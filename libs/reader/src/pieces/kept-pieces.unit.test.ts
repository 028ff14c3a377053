import { IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { describe, expect, it, vi } from 'vitest'
import { describeKeptPieces } from '../testing/kept-pieces-contract.ts'
import { StorageError, StorageFullError } from '../errors.ts'
import type { IndexedDbFactory } from './indexed-db.ts'
import { openIndexedDbPieces } from './open-indexed-db-pieces.ts'
import { openMemoryPieces } from './open-memory-pieces.ts'

const newFactory = (): IndexedDbFactory => new IDBFactory()

describeKeptPieces('in memory', async (maxBytes) => openMemoryPieces({ maxBytes }))
describeKeptPieces('in IndexedDB', async (maxBytes) => openIndexedDbPieces({ factory: newFactory(), maxBytes }))

/** What of fake-indexeddb makes a transaction fail as a browser's does. */
interface ObjectStore {
  readonly transaction: { _abort(error: string): void }
}

/** As a person with the browser's tools does. */
async function overwrite(factory: IndexedDbFactory, store: string, key: unknown, value: unknown): Promise<void> {
  const opening = factory.open('annals-reader', 1)
  await new Promise<void>((resolve) => opening.addEventListener('success', () => resolve()))
  const transaction = opening.result.transaction([store], 'readwrite')
  transaction.objectStore(store).put(value, key)
  await new Promise<void>((resolve) => transaction.addEventListener('complete', () => resolve()))
  opening.result.close()
}

describe('pieces in IndexedDB', () => {
  it('are there at the next visit, and still counted', async () => {
    const factory = newFactory()
    const first = await openIndexedDbPieces({ factory, maxBytes: 150 })
    await first.write('0x', 'aa', new Uint8Array(100))
    await first[Symbol.asyncDispose]()
    await using second = await openIndexedDbPieces({ factory, maxBytes: 150 })
    expect(await second.list('0x')).toEqual(['aa'])
    await expect(second.write('0x', 'bb', new Uint8Array(100))).rejects.toBeInstanceOf(StorageFullError)
  })

  it('are counted once, whichever tab keeps them', async () => {
    const factory = newFactory()
    await using one = await openIndexedDbPieces({ factory, maxBytes: 250 })
    await using other = await openIndexedDbPieces({ factory, maxBytes: 250 })
    const writes = [one, other, one, other].map((tab, at) => tab.write('0x', at < 2 ? 'aa' : 'bb', new Uint8Array(100)))
    await Promise.all(writes)
    expect(await one.sizeBytes()).toBe(200)
    await Promise.all([one.remove('0x', ['aa']), other.remove('0x', ['aa'])])
    expect(await other.sizeBytes()).toBe(100)
    expect(await one.read('0x', 'aa')).toBeUndefined()
  })

  it.for(['put', 'commit'] as const)(
    'say that there is no room where the browser has none: at its %s',
    async (when) => {
      await using pieces = await openIndexedDbPieces({ factory: newFactory(), maxBytes: 1_000 })
      const original = IDBObjectStore.prototype.put
      const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
        this: ObjectStore,
        ...args: unknown[]
      ) {
        const request = original.apply(this, args)
        const abort = (): void => this.transaction._abort('QuotaExceededError')
        if (when === 'put') abort()
        else if (args[1] === 'total') request.addEventListener('success', abort)
        return request
      })
      await expect(pieces.write('0x', 'aa', new Uint8Array(100))).rejects.toBeInstanceOf(StorageFullError)
      put.mockRestore()
      expect(await pieces.list('0x')).toEqual([])
      await pieces.write('0x', 'aa', new Uint8Array(100))
      expect(await pieces.sizeBytes()).toBe(100)
    },
  )

  it('that somebody wrote something else over are not there', async () => {
    const factory = newFactory()
    await using pieces = await openIndexedDbPieces({ factory, maxBytes: 1_000 })
    await pieces.write('0x', 'aa', new Uint8Array(100))
    await pieces.writeInfo('cd', { communityId: '0x', infoBytes: new Uint8Array(3) })
    await overwrite(factory, 'pieces', ['0x', 'aa'], 'text')
    await overwrite(factory, 'infos', 'cd', { communityId: 5 })
    await overwrite(factory, 'sizes', 'total', 'NaN')
    expect([await pieces.read('0x', 'aa'), await pieces.readInfo('cd')]).toEqual([undefined, undefined])
    await expect(pieces.write('0x', 'bb', new Uint8Array(2_000))).rejects.toBeInstanceOf(StorageFullError)
  })

  it('say that the storage failed, where it does', async () => {
    const pieces = await openIndexedDbPieces({ factory: newFactory(), maxBytes: 150 })
    await pieces[Symbol.asyncDispose]()
    await expect(pieces.write('0x', 'aa', new Uint8Array(1))).rejects.toMatchObject({
      constructor: StorageError,
      doing: 'keeping a piece',
    })
    const refusing: IndexedDbFactory = {
      open() {
        throw new DOMException('not here', 'SecurityError')
      },
    }
    await expect(openIndexedDbPieces({ factory: refusing, maxBytes: 1 })).rejects.toBeInstanceOf(StorageError)
  })
})
