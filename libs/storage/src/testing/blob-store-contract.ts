import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { BlobInfo, BlobStore } from '../blob-store.ts'
import { BlobCorruptError, BlobMissingError, InvalidBlobKeyError } from '../errors.ts'
import { collect, rejection } from './collect.ts'
import type { StoreHarness } from './store-harness.ts'

export interface BlobStoreHarness extends StoreHarness<BlobStore> {
  /** Changes a stored blob behind the store's back; with the same size, or cut short. */
  damage(key: string, how: 'flip' | 'cut'): Promise<void>
  /** Sets the clock of all stores of the harness, Unix milliseconds. */
  setTime(milliseconds: number): void
  /** Leaves what a process leaves that is killed while it puts a blob, at the time that was set. */
  leaveDraft(): Promise<void>
  /** How many blobs are stored by the engine's own count, with drafts and leftovers. */
  countStored(): Promise<number>
}

export type OpenBlobStore = () => Promise<BlobStoreHarness>

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const keyOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

async function read(store: BlobStore, key: string): Promise<Buffer> {
  return Buffer.concat(await collect(store.read(key)))
}

/** Without when they were put. */
async function listed(store: BlobStore): Promise<BlobInfo[]> {
  return (await collect(store.list())).map(({ key, sizeBytes }) => ({ key, sizeBytes }))
}

function byKey<T extends BlobInfo>(infos: readonly T[]): T[] {
  return infos.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** What every adapter of the blob store keeps to. `open` gives a new, empty store each time. */
export function describeBlobStoreContract(name: string, open: OpenBlobStore): void {
  describe(`${name} as a blob store`, () => {
    describePutting(open)
    describeReadingBlobs(open)
    describeCollecting(open)
  })
}

function describePutting(open: OpenBlobStore): void {
  describe('putting', () => {
    it('knows a blob by the SHA-256 of its content', async () => {
      await using harness = await open()
      const { store } = harness
      const content = bytes('seven days of history')
      expect(await store.put([content])).toStrictEqual({ key: keyOf(content), sizeBytes: content.length })
      expect(await store.has(keyOf(content))).toBe(true)
      expect(await read(store, keyOf(content))).toStrictEqual(Buffer.from(content))
    })

    it('takes content in parts, from an async source, and none at all', async () => {
      await using harness = await open()
      const { store } = harness
      async function* source(): AsyncIterable<Uint8Array> {
        yield bytes('a')
        yield new Uint8Array()
        yield bytes('bc')
      }
      const { key } = await store.put(source())
      expect(key).toBe(keyOf(bytes('abc')))
      const empty = await store.put([])
      expect(empty).toStrictEqual({ key: keyOf(new Uint8Array()), sizeBytes: 0 })
      expect(await read(store, empty.key)).toHaveLength(0)
    })

    it('keeps what was acknowledged across a restart and a kill', async () => {
      await using harness = await open()
      const one = await harness.store.put([bytes('one')])
      const two = await (await harness.restart()).put([bytes('two')])
      const store = await harness.crash()
      expect((await read(store, one.key)).toString()).toBe('one')
      expect((await read(store, two.key)).toString()).toBe('two')
    })

    it('stores the same content once and leaves no trace of the second time', async () => {
      await using harness = await open()
      const { store } = harness
      const first = await store.put([bytes('same')])
      expect(await store.put([bytes('sa'), bytes('me')])).toStrictEqual(first)
      expect(await listed(store)).toStrictEqual([first])
      expect(await harness.countStored()).toBe(1)
    })

    it('stores the same content once when many put it at the same time', async () => {
      await using harness = await open()
      const { store } = harness
      const content = new Uint8Array(300_000).fill(3)
      const infos = await Promise.all(Array.from({ length: 8 }, () => store.put([content, content])))
      expect(new Set(infos.map(({ key }) => key)).size).toBe(1)
      expect(await harness.countStored()).toBe(1)
      expect(await read(store, infos[0]?.key ?? '')).toHaveLength(600_000)
    })

    it('leaves nothing of a content whose source fails', async () => {
      await using harness = await open()
      const failure = new Error('the source broke')
      async function* source(): AsyncIterable<Uint8Array> {
        yield bytes('half')
        throw failure
      }
      expect(await rejection(harness.store.put(source()))).toBe(failure)
      expect(await collect(harness.store.list())).toStrictEqual([])
      expect(await harness.countStored()).toBe(0)
    })

    it('heals a damaged blob when its content is put again', async () => {
      await using harness = await open()
      const { store } = harness
      const content = new Uint8Array(100_000).fill(8)
      for (const how of ['flip', 'cut'] as const) {
        const { key } = await store.put([content])
        await harness.damage(key, how)
        await store.put([content])
        expect(await read(store, key)).toStrictEqual(Buffer.from(content))
      }
    })
  })
}

function describeReadingBlobs(open: OpenBlobStore): void {
  describe('reading', () => {
    it('reads a blob of many megabytes in parts', async () => {
      await using harness = await open()
      const { store } = harness
      const part = Buffer.alloc(1024 * 1024)
      const hash = createHash('sha256')
      function* source(): Iterable<Uint8Array> {
        for (let index = 0; index < 24; index++) {
          part.fill(index)
          hash.update(part)
          yield part
        }
      }
      const { key, sizeBytes } = await store.put(source())
      expect({ key, sizeBytes }).toStrictEqual({ key: hash.digest('hex'), sizeBytes: 24 * part.length })
      let readBytes = 0
      let largest = 0
      for await (const piece of store.read(key)) {
        readBytes += piece.length
        largest = Math.max(largest, piece.length)
      }
      expect(readBytes).toBe(sizeBytes)
      expect(largest).toBeLessThanOrEqual(4 * 1024 * 1024)
    })

    it('reads any part of a blob, and no more than there is', async () => {
      await using harness = await open()
      const { store } = harness
      const content = Buffer.from(Array.from({ length: 2_500_001 }, (_, at) => (at * 31 + (at >> 8)) & 0xff))
      const { key } = await store.put([content])
      const mebibyte = 1 << 20
      for (const [offset, size] of [
        [0, 1],
        [0, content.length],
        [mebibyte - 1, 2],
        [mebibyte, mebibyte],
        [2_500_000, 1],
        [2_400_000, 1e9],
        [2_500_001, 5],
        [9e9, 5],
        [7, 0],
      ] as const) {
        const part = Buffer.concat(await collect(store.readRange(key, offset, size)))
        expect(part.equals(content.subarray(offset, offset + size)), `${offset} ${size}`).toBe(true)
      }
      await store.delete(key)
      expect(await rejection(collect(store.readRange(key, 0, 1)))).toBeInstanceOf(BlobMissingError)
    })

    it('lets a reader stop early', async () => {
      await using harness = await open()
      const { store } = harness
      const { key } = await store.put([new Uint8Array(3_000_000)])
      for await (const piece of store.read(key)) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      await store.delete(key)
      expect(await store.has(key)).toBe(false)
    })

    it('notices a blob that was changed or cut', async () => {
      await using harness = await open()
      const { store } = harness
      for (const how of ['flip', 'cut'] as const) {
        const { key } = await store.put([new Uint8Array(700_000).fill(how.length)])
        await harness.damage(key, how)
        const error = await rejection(collect(store.read(key)))
        expect(error).toBeInstanceOf(BlobCorruptError)
        expect(error).toMatchObject({ key })
      }
    })

    it('says which blob is missing', async () => {
      await using harness = await open()
      const key = keyOf(bytes('never put'))
      const error = await rejection(collect(harness.store.read(key)))
      expect(error).toBeInstanceOf(BlobMissingError)
      expect(error).toMatchObject({ key })
      expect(await harness.store.has(key)).toBe(false)
    })

    it('deletes a blob, and takes a missing one for deleted', async () => {
      await using harness = await open()
      const { store } = harness
      const { key } = await store.put([bytes('gone')])
      await store.delete(key)
      await store.delete(key)
      expect(await store.has(key)).toBe(false)
      expect(await rejection(collect(store.read(key)))).toBeInstanceOf(BlobMissingError)
      expect(await harness.countStored()).toBe(0)
    })

    it('lists every blob with its size', async () => {
      await using harness = await open()
      const { store } = harness
      const infos = await Promise.all(Array.from({ length: 40 }, (_, index) => store.put([new Uint8Array(index)])))
      expect(byKey(await listed(store))).toStrictEqual(byKey(infos))
    })

    it('takes nothing for a key that is none', async () => {
      await using harness = await open()
      const { store } = harness
      const hex = 'ab'.repeat(32)
      for (const key of ['', '../../secret', hex.toUpperCase(), `${hex}0`, `/${hex.slice(1)}`, `${hex}\n`, 'ab']) {
        for (const asked of [
          () => store.has(key),
          () => store.delete(key),
          () => store.deleteUnused(key, 1),
          () => collect(store.read(key)),
          () => collect(store.readRange(key, 0, 1)),
        ]) {
          const error = await rejection(asked())
          expect(error).toBeInstanceOf(InvalidBlobKeyError)
          expect(error).toMatchObject({ key })
        }
      }
    })
  })
}

function describeCollecting(open: OpenBlobStore): void {
  describe('collecting', () => {
    it('says when each blob was put last', async () => {
      await using harness = await open()
      harness.setTime(1_000_123)
      const one = await harness.store.put([bytes('one')])
      const two = await harness.store.put([bytes('two')])
      harness.setTime(2_000_456)
      await harness.store.put([bytes('two')])
      // A clock that goes back makes nothing look older than it is.
      harness.setTime(500_000)
      await harness.store.put([bytes('two')])
      const store = await harness.crash()
      expect(byKey(await collect(store.list()))).toStrictEqual(
        byKey([
          { ...one, lastPutAtMilliseconds: 1_000_123 },
          { ...two, lastPutAtMilliseconds: 2_000_456 },
        ]),
      )
    })

    it('deletes what was not put since a moment, and nothing else', async () => {
      await using harness = await open()
      const { store } = harness
      harness.setTime(1_000)
      const { key } = await store.put([bytes('old')])
      expect(await store.deleteUnused(key, 1_000)).toBe(false)
      harness.setTime(2_000)
      await store.put([bytes('old')])
      expect(await store.deleteUnused(key, 1_001)).toBe(false)
      expect(await store.has(key)).toBe(true)
      expect(await store.deleteUnused(key, 2_001)).toBe(true)
      expect(await store.has(key)).toBe(false)
      expect(await store.deleteUnused(key, 2_001)).toBe(false)
      expect(await harness.countStored()).toBe(0)
    })

    it('never takes a blob away from one who puts it at the same time', async () => {
      await using harness = await open()
      const stores = [harness.store, (await harness.openSecond?.()) ?? harness.store]
      // Long enough that it is sent before its key is known, and short.
      for (const sizeBytes of [5_000_000, ...Array.from({ length: 20 }, (_, index) => 10 + index)]) {
        const content = new Uint8Array(sizeBytes).fill(7)
        harness.setTime(1_000)
        const { key } = await harness.store.put([content])
        harness.setTime(5_000)
        await Promise.all(stores.flatMap((store) => [store.deleteUnused(key, 3_000), store.put([content])]))
        expect((await read(harness.store, key)).length).toBe(sizeBytes)
        expect(await harness.store.deleteUnused(key, 5_000)).toBe(false)
      }
      expect(await harness.countStored()).toBe(21)
    })

    it('sweeps what was left before a moment by uploads that were cut off', async () => {
      await using harness = await open()
      const { store } = harness
      harness.setTime(1_000)
      await harness.leaveDraft()
      const { key } = await store.put([bytes('whole')])
      harness.setTime(2_000)
      await harness.leaveDraft()
      expect(await harness.countStored()).toBe(3)
      expect(await store.sweep(1_000)).toBe(0)
      expect(await store.sweep(2_000)).toBe(1)
      expect(await harness.countStored()).toBe(2)
      expect(await store.sweep(2_001)).toBe(1)
      expect(await harness.countStored()).toBe(1)
      expect(await store.has(key)).toBe(true)
    })
  })
}
