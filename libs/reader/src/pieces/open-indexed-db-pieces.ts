import { StorageError, StorageFullError } from '../errors.ts'
import type {
  IndexedDb,
  IndexedDbFactory,
  IndexedDbRequest,
  IndexedDbStore,
  IndexedDbTransaction,
} from './indexed-db.ts'
import type { KeptInfo, KeptPieces } from './kept-pieces.ts'

export interface IndexedDbPiecesOptions {
  /** `globalThis.indexedDB`. */
  readonly factory: IndexedDbFactory
  /** Bytes of pieces of all communities. The browser's own limit may be lower. */
  readonly maxBytes: number
  readonly databaseName?: string
}

const version = 1
/** Bytes by community and hash. */
const pieceStore = 'pieces'
/** The size of each community's pieces, by hash: pieces are counted without reading them. */
const sizeStore = 'sizes'
const infoStore = 'infos'
const keyStore = 'keys'
/** Of the sizes: their sum. */
const totalKey = 'total'
const stores = [pieceStore, sizeStore, infoStore, keyStore]

/** Keeps pieces in the browser's IndexedDB. @throws StorageError where the browser has none to give */
export async function openIndexedDbPieces(options: IndexedDbPiecesOptions): Promise<KeptPieces> {
  const { factory, maxBytes, databaseName = 'annals-reader' } = options
  const opening = 'opening it'
  const database = await failing(opening, async () => {
    const request = factory.open(databaseName, version)
    request.addEventListener('upgradeneeded', () => {
      for (const store of stores) request.result.createObjectStore(store)
    })
    return done(request)
  })
  return new IndexedDbPieces(database, maxBytes)
}

class IndexedDbPieces implements KeptPieces {
  readonly #database: IndexedDb
  readonly #maxBytes: number

  constructor(database: IndexedDb, maxBytes: number) {
    this.#database = database
    this.#maxBytes = maxBytes
    // Another tab has a newer version of the page; it must not wait for this one.
    database.addEventListener('versionchange', () => database.close())
  }

  async list(communityId: string): Promise<string[]> {
    const keys = await failing('listing pieces', () =>
      this.#in('readonly', [sizeStore], async ([sizes]) => done(sizes.getAllKeys())),
    )
    return keys.flatMap((key) => (Array.isArray(key) && key[0] === communityId ? [String(key[1])] : []))
  }

  async read(communityId: string, hash: string): Promise<Uint8Array | undefined> {
    const found = await failing('reading a piece', () =>
      this.#in('readonly', [pieceStore], async ([pieces]) => done(pieces.get([communityId, hash]))),
    )
    return found instanceof Uint8Array ? found : undefined
  }

  async write(communityId: string, hash: string, bytes: Uint8Array): Promise<void> {
    await failing(
      'keeping a piece',
      async () => {
        await this.#in('readwrite', [pieceStore, sizeStore], async ([pieces, sizes]) => {
          const known = (await done(sizes.get([communityId, hash]))) !== undefined
          if (known) return
          const total = countOf(await done(sizes.get(totalKey)))
          if (total + bytes.length > this.#maxBytes) throw new StorageFullError(total, bytes.length)
          // A copy: a view would take all of the buffer below it along.
          await done(pieces.put(bytes.slice(), [communityId, hash]))
          await done(sizes.put(bytes.length, [communityId, hash]))
          await done(sizes.put(total + bytes.length, totalKey))
        })
      },
      bytes.length,
    )
  }

  async remove(communityId: string, hashes: readonly string[]): Promise<void> {
    await failing('removing pieces', () =>
      this.#in('readwrite', [pieceStore, sizeStore], async ([pieces, sizes]) => {
        let total = countOf(await done(sizes.get(totalKey)))
        for (const hash of hashes) {
          total -= countOf(await done(sizes.get([communityId, hash])))
          await done(pieces.delete([communityId, hash]))
          await done(sizes.delete([communityId, hash]))
        }
        await done(sizes.put(total, totalKey))
      }),
    )
  }

  async readInfo(infoHash: string): Promise<KeptInfo | undefined> {
    const found = await failing('reading an info dictionary', () =>
      this.#in('readonly', [infoStore], async ([infos]) => done(infos.get(infoHash))),
    )
    const { communityId, infoBytes } = (found ?? {}) as Partial<KeptInfo>
    return typeof communityId === 'string' && infoBytes instanceof Uint8Array ? { communityId, infoBytes } : undefined
  }

  async writeInfo(infoHash: string, info: KeptInfo): Promise<void> {
    const { communityId, infoBytes } = info
    await failing(
      'keeping an info dictionary',
      () =>
        this.#in('readwrite', [infoStore], async ([infos]) =>
          done(infos.put({ communityId, infoBytes: infoBytes.slice() }, infoHash)),
        ),
      infoBytes.length,
    )
  }

  async readKeys(communityId: string): Promise<string | undefined> {
    const found = await failing('reading group keys', () =>
      this.#in('readonly', [keyStore], async ([keys]) => done(keys.get(communityId))),
    )
    return typeof found === 'string' ? found : undefined
  }

  async writeKeys(communityId: string, keys: string): Promise<void> {
    const work = (): Promise<unknown> =>
      this.#in('readwrite', [keyStore], async ([store]) => done(store.put(keys, communityId)))
    await failing('keeping group keys', work, keys.length)
  }

  async forget(communityId: string): Promise<void> {
    await this.remove(communityId, await this.list(communityId))
    await failing('forgetting a community', () =>
      this.#in('readwrite', [infoStore, keyStore], async ([infos, keys]) => {
        await done(keys.delete(communityId))
        for (const infoHash of await done(infos.getAllKeys())) {
          const info = (await done(infos.get(infoHash))) as Partial<KeptInfo> | undefined
          if (info?.communityId === communityId) await done(infos.delete(infoHash))
        }
      }),
    )
  }

  async sizeBytes(): Promise<number> {
    return failing('counting pieces', () =>
      this.#in('readonly', [sizeStore], async ([sizes]) => countOf(await done(sizes.get(totalKey)))),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close()
  }

  /** Runs within one transaction; what it throws undoes it. Resolves when all of it is durable. */
  async #in<T>(
    mode: 'readonly' | 'readwrite',
    names: string[],
    work: (stores: [IndexedDbStore, IndexedDbStore]) => Promise<T>,
  ): Promise<T> {
    const transaction = this.#database.transaction(names, mode)
    const ended = new Promise<void>((resolve, reject) => {
      transaction.addEventListener('complete', resolve)
      transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('it was undone')))
    })
    ended.catch(() => {})
    const opened = names.map((name) => transaction.objectStore(name)) as [IndexedDbStore, IndexedDbStore]
    try {
      const result = await work(opened)
      await ended
      return result
    } catch (error) {
      // Where all of it failed, a request of it only says that it was aborted.
      const { error: whole } = transaction
      undo(transaction)
      throw whole ?? error
    }
  }
}

function undo(transaction: IndexedDbTransaction): void {
  try {
    transaction.abort()
  } catch {
    // What failed in it has undone it already.
  }
}

async function done<T>(request: IndexedDbRequest<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')))
  })
}

/** Bytes; nothing where somebody wrote something else over them. */
function countOf(stored: unknown): number {
  return typeof stored === 'number' && stored > 0 ? stored : 0
}

/** Every error of the browser's is one of ours from here on. */
async function failing<T>(doing: string, work: () => Promise<T>, wantedBytes = 0): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof StorageFullError) throw cause
    if (cause instanceof Error && cause.name === 'QuotaExceededError')
      throw new StorageFullError(undefined, wantedBytes, { cause })
    throw new StorageError(doing, { cause })
  }
}
