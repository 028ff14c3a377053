import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageFullError } from '../errors.ts'
import type { KeptPieces } from '../pieces/kept-pieces.ts'

const ours = `0x02${'11'.repeat(32)}`
const theirs = `0x03${'22'.repeat(32)}`
const hash = (number: number): string => number.toString(16).padStart(40, '0')
const bytes = (number: number, size = 100): Uint8Array => new Uint8Array(size).fill(number)

/** What every `KeptPieces` does. `open` opens one that takes `maxBytes` bytes of pieces. */
export function describeKeptPieces(name: string, open: (maxBytes: number) => Promise<KeptPieces>): void {
  describe(`kept pieces › ${name}`, () => {
    let pieces: KeptPieces
    beforeEach(async () => {
      pieces = await open(1_000)
    })
    afterEach(async () => {
      await pieces[Symbol.asyncDispose]()
    })

    it('gives back what was written, to the community it was written for', async () => {
      const written = bytes(7)
      await pieces.write(ours, hash(1), written)
      written.fill(0)
      expect(await pieces.read(ours, hash(1))).toEqual(bytes(7))
      expect(await pieces.read(theirs, hash(1))).toBeUndefined()
      expect(await pieces.list(ours)).toEqual([hash(1)])
      expect(await pieces.list(theirs)).toEqual([])
    })

    it('keeps a piece once', async () => {
      await pieces.write(ours, hash(1), bytes(1))
      await pieces.write(ours, hash(1), bytes(2))
      expect(await pieces.read(ours, hash(1))).toEqual(bytes(1))
      expect(await pieces.sizeBytes()).toBe(100)
    })

    it('refuses what there is no room for, and takes it once there is', async () => {
      await pieces.write(ours, hash(1), bytes(1, 600))
      await expect(pieces.write(theirs, hash(2), bytes(2, 500))).rejects.toMatchObject({
        constructor: StorageFullError,
        keptBytes: 600,
        wantedBytes: 500,
      })
      expect(await pieces.list(theirs)).toEqual([])
      await pieces.remove(ours, [hash(1), hash(9)])
      await pieces.write(theirs, hash(2), bytes(2, 500))
      expect(await pieces.sizeBytes()).toBe(500)
    })

    it('keeps info dictionaries and keys', async () => {
      const info = { communityId: ours, infoBytes: bytes(5) }
      await pieces.writeInfo(hash(3), info)
      await pieces.writeKeys(ours, 'one')
      await pieces.writeKeys(ours, 'two')
      expect(await pieces.readInfo(hash(3))).toEqual(info)
      expect(await pieces.readInfo(hash(4))).toBeUndefined()
      expect(await pieces.readKeys(ours)).toBe('two')
      expect(await pieces.readKeys(theirs)).toBeUndefined()
    })

    it('forgets all of a community, and nothing of another', async () => {
      for (const [communityId, number] of [
        [ours, 1],
        [theirs, 2],
      ] as const) {
        await pieces.write(communityId, hash(number), bytes(number))
        await pieces.writeInfo(hash(number), { communityId, infoBytes: bytes(number) })
        await pieces.writeKeys(communityId, 'keys')
      }
      await pieces.forget(ours)
      expect(await pieces.list(ours)).toEqual([])
      expect(await pieces.readInfo(hash(1))).toBeUndefined()
      expect(await pieces.readKeys(ours)).toBeUndefined()
      expect(await pieces.list(theirs)).toEqual([hash(2)])
      expect(await pieces.readInfo(hash(2))).toBeDefined()
      expect(await pieces.readKeys(theirs)).toBe('keys')
      expect(await pieces.sizeBytes()).toBe(100)
    })
  })
}
