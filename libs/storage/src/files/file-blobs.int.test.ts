import { randomUUID } from 'node:crypto'
import { open, readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openTestFolder } from '../open-test-folder.ts'
import { describeBlobStoreContract, type BlobStoreHarness } from '../testing/blob-store-contract.ts'
import { openFileBlobs } from './open-file-blobs.ts'

async function openHarness(): Promise<BlobStoreHarness> {
  let time = Date.now()
  const harness = await openTestFolder((folder) => openFileBlobs({ folder, now: () => time }))
  return {
    ...harness,
    async damage(key, how) {
      const path = join(harness.folder(), 'blobs', key.slice(0, 2), key)
      const { size } = await stat(path)
      if (how === 'cut') return truncate(path, size - 1)
      await using file = await open(path, 'r+')
      const middle = Math.floor(size / 2)
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, middle)
      await file.write(Uint8Array.of((buffer[0] ?? 0) ^ 1), 0, 1, middle)
    },
    setTime(milliseconds) {
      time = milliseconds
    },
    async leaveDraft() {
      const path = join(harness.folder(), 'tmp', randomUUID())
      await writeFile(path, 'half a blob')
      await utimes(path, new Date(time), new Date(time))
    },
    async countStored() {
      const entries = await readdir(harness.folder(), { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).length
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  }
}

describeBlobStoreContract('files', openHarness)
