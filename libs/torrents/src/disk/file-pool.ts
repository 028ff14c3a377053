import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { DiskError } from '../errors.ts'

interface OpenFile {
  readonly handle: Promise<FileHandle>
  users: number
}

/**
 * Opens files when they are used and keeps the last ones open, so that a node of thousands of communities has a
 * handful of open files. Uses must not be nested: one that waits for another could wait for ever.
 */
export class FilePool implements AsyncDisposable {
  readonly #maxOpenFiles: number
  /** By path, the least recently used first. */
  readonly #files = new Map<string, OpenFile>()
  readonly #waiting: (() => void)[] = []
  #active = 0

  constructor(maxOpenFiles: number) {
    this.#maxOpenFiles = maxOpenFiles
  }

  get openFiles(): number {
    return this.#files.size
  }

  /**
   * Hands an open file to `work` and waits for it. `flags` count when the file is not open yet.
   * @throws DiskError for whatever the system refuses, in opening as in `work`
   */
  async use<T>(path: string, flags: number, work: (file: FileHandle) => Promise<T>): Promise<T> {
    await this.#enter()
    let file: OpenFile | undefined
    try {
      file = await this.#take(path, flags)
      return await work(await file.handle)
    } catch (error) {
      throw isSystemError(error) ? new DiskError(path, error) : error
    } finally {
      if (file) file.users -= 1
      this.#leave()
    }
  }

  /** Closes the files below a folder. They must not be in use. */
  async release(folder: string): Promise<void> {
    const below = [...this.#files.keys()].filter((path) => path === folder || path.startsWith(`${folder}/`))
    await Promise.all(below.map((path) => this.#close(path)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#files.keys()].map((path) => this.#close(path)))
  }

  async #enter(): Promise<void> {
    if (this.#active < this.#maxOpenFiles) this.#active += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#active -= 1
  }

  async #take(path: string, flags: number): Promise<OpenFile> {
    const known = this.#files.get(path)
    if (known) {
      this.#files.delete(path)
      this.#files.set(path, known)
      known.users += 1
      return known
    }
    const file: OpenFile = { handle: this.#openAfterEviction(path, flags), users: 1 }
    this.#files.set(path, file)
    // A file that does not open must not stay known; whoever waits for it gets the error.
    file.handle.catch(() => this.#files.get(path) === file && this.#files.delete(path))
    return file
  }

  async #openAfterEviction(path: string, flags: number): Promise<FileHandle> {
    if (this.#files.size >= this.#maxOpenFiles) {
      const idle = [...this.#files].find(([, file]) => file.users === 0)
      if (idle) await this.#close(idle[0])
    }
    return open(path, flags, 0o644)
  }

  async #close(path: string): Promise<void> {
    const file = this.#files.get(path)
    if (!file) return
    this.#files.delete(path)
    // One that did not open has nothing to close.
    const handle = await file.handle.catch(() => undefined)
    await handle?.close()
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
