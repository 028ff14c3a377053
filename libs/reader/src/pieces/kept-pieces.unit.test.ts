import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'
import { describeKeptPieces } from '../testing/kept-pieces-contract.ts'
import { StorageError, StorageFullError } from '../errors.ts'
import type { IndexedDbFactory } from './indexed-db.ts'
import { openIndexedDbPieces } from './open-indexed-db-pieces.ts'
import { openMemoryPieces } from './open-memory-pieces.ts'

const newFactory = (): IndexedDbFactory => new IDBFactory()

describeKeptPieces('in memory', async (maxBytes) => openMemoryPieces({ maxBytes }))
describeKeptPieces('in IndexedDB', async (maxBytes) => openIndexedDbPieces({ factory: newFactory(), maxBytes }))

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
