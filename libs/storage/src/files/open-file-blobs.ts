import { createHash, randomUUID } from 'node:crypto'
import { open, opendir, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { guardFileSystem, hasSystemCode, makeFolder, syncFolder } from '@annals/sqlite'
import type { BlobInfo, BlobStore } from '../blob-store.ts'
import { BlobCorruptError, BlobMissingError, InvalidBlobKeyError } from '../errors.ts'

export interface FileBlobsOptions {
  /** Holds `blobs/<first two digits>/<key>` and `tmp`; made where it is missing. */
  readonly folder: string
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
  return new FileBlobs(join(folder, 'blobs'), temporary)
}

class FileBlobs implements BlobStore {
  readonly #folder: string
  readonly #temporary: string

  constructor(folder: string, temporary: string) {
    this.#folder = folder
    this.#temporary = temporary
  }

  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo> {
    const draft = join(this.#temporary, randomUUID())
    try {
      const info = await writeDraft(draft, content)
      await this.#adopt(draft, info)
      return info
    } finally {
      // Gone already where it became the blob.
      await guardFileSystem(draft, 'remove', () => rm(draft, { force: true }))
    }
  }

  /** Gives a finished file its name. What is there already stays, unless it is damaged: then this heals it. */
  async #adopt(draft: string, info: BlobInfo): Promise<void> {
    const path = this.#path(info.key)
    const folder = this.#fanOut(info.key)
    await makeFolder(folder)
    if (!(await holds(path, info))) await guardFileSystem(path, 'write', () => rename(draft, path))
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

  async has(key: string): Promise<boolean> {
    return (await sizeOf(this.#path(key))) !== undefined
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key)
    try {
      await guardFileSystem(path, 'delete', () => unlink(path))
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await syncFolder(this.#fanOut(key))
  }

  async *list(): AsyncIterable<BlobInfo> {
    const folders = await guardFileSystem(this.#folder, 'list', () => readdir(this.#folder))
    for (const name of folders.filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
      const folder = join(this.#folder, name)
      for await (const entry of await guardFileSystem(folder, 'list', () => opendir(folder))) {
        if (!isKey(entry.name)) continue
        const sizeBytes = await sizeOf(join(folder, entry.name))
        if (sizeBytes !== undefined) yield { key: entry.name, sizeBytes }
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
    if (!isKey(key)) throw new InvalidBlobKeyError(key)
    return join(this.#fanOut(key), key)
  }
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

async function writeDraft(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo> {
  await using file = await guardFileSystem(path, 'make', () => open(path, 'wx'))
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const part of content) {
    hash.update(part)
    sizeBytes += part.length
    await guardFileSystem(path, 'write', () => writeAll(file, part))
  }
  await guardFileSystem(path, 'sync', () => file.sync())
  return { key: hash.digest('hex'), sizeBytes }
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let written = 0; written < part.length;) {
    written += (await file.write(part, written)).bytesWritten
  }
}

async function holds(path: string, info: BlobInfo): Promise<boolean> {
  if ((await sizeOf(path)) !== info.sizeBytes) return false
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

async function* parts(file: FileHandle, path: string): AsyncIterable<Uint8Array> {
  while (true) {
    const part = Buffer.allocUnsafeSlow(readBytes)
    const { bytesRead } = await guardFileSystem(path, 'read', () => file.read(part, 0, readBytes))
    if (bytesRead === 0) return
    yield part.subarray(0, bytesRead)
  }
}

/** `undefined` where there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await guardFileSystem(path, 'look at', () => stat(path))).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && hasSystemCode(error.cause) && error.cause.code === 'ENOENT'
}
