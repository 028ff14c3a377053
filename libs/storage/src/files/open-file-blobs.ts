import { createHash, randomUUID } from 'node:crypto'
import { open, opendir, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { guardFileSystem, hasSystemCode, makeFolder, syncFolder } from '@annals/sqlite'
import { checkBlobKey, isBlobKey } from '../blob-keys.ts'
import type { BlobInfo, BlobStore, ListedBlob } from '../blob-store.ts'
import { BlobCorruptError, BlobMissingError } from '../errors.ts'
import { KeyTurns } from './key-turns.ts'

export interface FileBlobsOptions {
  /** Holds `blobs/<first two digits>/<key>` and `tmp`; made where it is missing. */
  readonly folder: string
  /** Unix milliseconds. */
  readonly now?: () => number
}

const readBytes = 256 * 1024

/**
 * Blobs as files. A file gets its name only when all of it is on the disk, so what has a name is complete.
 * One process at a time: what is left in `tmp` is removed at opening (see `lockFolder`).
 * @throws StorageIoError
 */
export async function openFileBlobs(options: FileBlobsOptions): Promise<BlobStore> {
  const { folder } = options
  const temporary = join(folder, 'tmp')
  await makeFolder(join(folder, 'blobs'))
  await makeFolder(temporary)
  await guardFileSystem(temporary, 'clean', async () => {
    for (const name of await readdir(temporary)) await rm(join(temporary, name), { force: true, recursive: true })
  })
  return new FileBlobs(join(folder, 'blobs'), temporary, options.now ?? Date.now)
}

class FileBlobs implements BlobStore {
  readonly #folder: string
  readonly #temporary: string
  readonly #now: () => number
  /** What becomes of one key's file is decided by one at a time. */
  readonly #turns = new KeyTurns()
  readonly #drafts = new Set<string>()

  constructor(folder: string, temporary: string, now: () => number) {
    this.#folder = folder
    this.#temporary = temporary
    this.#now = now
  }

  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo> {
    const draft = join(this.#temporary, randomUUID())
    this.#drafts.add(draft)
    try {
      const info = await writeDraft(draft, content, this.#now)
      await this.#turns.run(info.key, () => this.#adopt(draft, info))
      return info
    } finally {
      // Gone already where it became the blob.
      await guardFileSystem(draft, 'remove', () => rm(draft, { force: true }))
      this.#drafts.delete(draft)
    }
  }

  /** Gives a finished file its name. What is there already stays, unless it is damaged: then this heals it. */
  async #adopt(draft: string, info: BlobInfo): Promise<void> {
    const path = this.#path(info.key)
    const folder = this.#fanOut(info.key)
    await makeFolder(folder)
    if (await holds(path, info)) await renew(path, this.#now())
    else await guardFileSystem(path, 'write', () => rename(draft, path))
    // Also where it was there: who put it may not have come this far.
    await syncFolder(folder)
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    const path = this.#path(key)
    await using file = await openBlob(path, key)
    const hash = createHash('sha256')
    for await (const part of parts(file, path)) {
      hash.update(part)
      yield part
    }
    const actual = hash.digest('hex')
    if (actual !== key) throw new BlobCorruptError(key, actual)
  }

  async *readRange(key: string, offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array> {
    const path = this.#path(key)
    await using file = await openBlob(path, key)
    yield* parts(file, path, { offsetBytes, sizeBytes })
  }

  async has(key: string): Promise<boolean> {
    return (await lookAt(this.#path(key))) !== undefined
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key)
    await this.#turns.run(key, () => this.#delete(path, key))
  }

  async deleteUnused(key: string, notPutSinceMilliseconds: number): Promise<boolean> {
    const path = this.#path(key)
    return this.#turns.run(key, async () => {
      const found = await lookAt(path)
      if (found === undefined || found.lastPutAtMilliseconds >= notPutSinceMilliseconds) return false
      await this.#delete(path, key)
      return true
    })
  }

  async #delete(path: string, key: string): Promise<void> {
    try {
      await guardFileSystem(path, 'delete', () => unlink(path))
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await syncFolder(this.#fanOut(key))
  }

  async sweep(leftBeforeMilliseconds: number): Promise<number> {
    let removed = 0
    for (const name of await guardFileSystem(this.#temporary, 'list', () => readdir(this.#temporary))) {
      const path = join(this.#temporary, name)
      const found = this.#drafts.has(path) ? undefined : await lookAt(path)
      if (found === undefined || found.lastPutAtMilliseconds >= leftBeforeMilliseconds) continue
      await guardFileSystem(path, 'remove', () => rm(path, { force: true, recursive: true }))
      removed += 1
    }
    return removed
  }

  async *list(): AsyncIterable<ListedBlob> {
    const folders = await guardFileSystem(this.#folder, 'list', () => readdir(this.#folder))
    for (const name of folders.filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
      const folder = join(this.#folder, name)
      for await (const entry of await guardFileSystem(folder, 'list', () => opendir(folder))) {
        if (!isBlobKey(entry.name)) continue
        const found = await lookAt(join(folder, entry.name))
        if (found !== undefined) yield { key: entry.name, ...found }
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Every operation closes what it opened.
  }

  #fanOut(key: string): string {
    return join(this.#folder, key.slice(0, 2))
  }

  #path(key: string): string {
    // The key becomes a file name, so nothing but a key may pass.
    checkBlobKey(key)
    return join(this.#fanOut(key), key)
  }
}

/** The time at which a file was changed last is when its content was put. */
async function writeDraft(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  now: () => number,
): Promise<BlobInfo> {
  await using file = await guardFileSystem(path, 'make', () => open(path, 'wx'))
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const part of content) {
    hash.update(part)
    sizeBytes += part.length
    await guardFileSystem(path, 'write', () => writeAll(file, part))
  }
  const time = new Date(now())
  await guardFileSystem(path, 'write', () => file.utimes(time, time))
  await guardFileSystem(path, 'sync', () => file.sync())
  return { key: hash.digest('hex'), sizeBytes }
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let written = 0; written < part.length;) {
    written += (await file.write(part, written)).bytesWritten
  }
}

async function holds(path: string, info: BlobInfo): Promise<boolean> {
  if ((await lookAt(path))?.sizeBytes !== info.sizeBytes) return false
  try {
    await using file = await openBlob(path, info.key)
    const hash = createHash('sha256')
    for await (const part of parts(file, path)) hash.update(part)
    return hash.digest('hex') === info.key
  } catch (error) {
    // Deleted since it was looked at.
    if (error instanceof BlobMissingError) return false
    throw error
  }
}

async function openBlob(path: string, key: string): Promise<FileHandle> {
  try {
    return await guardFileSystem(path, 'read', () => open(path, 'r'))
  } catch (error) {
    throw isMissing(error) ? new BlobMissingError(key, error) : error
  }
}

async function* parts(
  file: FileHandle,
  path: string,
  { offsetBytes, sizeBytes } = { offsetBytes: 0, sizeBytes: Infinity },
): AsyncIterable<Uint8Array> {
  for (let done = 0; done < sizeBytes;) {
    const part = Buffer.allocUnsafeSlow(Math.min(readBytes, sizeBytes - done))
    const { bytesRead } = await guardFileSystem(path, 'read', () => file.read(part, 0, part.length, offsetBytes + done))
    if (bytesRead === 0) return
    done += bytesRead
    yield part.subarray(0, bytesRead)
  }
}

/** Writes down, durably, that the content of a file was put again. */
async function renew(path: string, nowMilliseconds: number): Promise<void> {
  await using file = await guardFileSystem(path, 'open', () => open(path, 'r+'))
  const { mtimeMs } = await guardFileSystem(path, 'look at', () => file.stat())
  const time = new Date(Math.max(nowMilliseconds, Math.round(mtimeMs)))
  await guardFileSystem(path, 'write', () => file.utimes(time, time))
  await guardFileSystem(path, 'sync', () => file.sync())
}

/** `undefined` where there is no such file. */
async function lookAt(path: string): Promise<Omit<ListedBlob, 'key'> | undefined> {
  try {
    const { size, mtimeMs } = await guardFileSystem(path, 'look at', () => stat(path))
    // The system keeps nanoseconds, and a time in seconds does not hit them exactly.
    return { sizeBytes: size, lastPutAtMilliseconds: Math.round(mtimeMs) }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && hasSystemCode(error.cause) && error.cause.code === 'ENOENT'
}
