import { watch, type FSWatcher } from 'node:fs'

/** Longest time that a change may go unnoticed where the file system reports none (network drives, some containers). */
const pollMilliseconds = 500

/** Calls back when files in a folder may have changed; costs nothing while nobody watches. */
export class FolderWatch {
  readonly #folder: string
  readonly #onChange: () => void
  #watchers = 0
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string, onChange: () => void) {
    this.#folder = folder
    this.#onChange = onChange
  }

  /** Watches until what it answers is disposed of. */
  start(): Disposable {
    this.#watchers += 1
    if (this.#watchers === 1) this.#open()
    return {
      [Symbol.dispose]: () => {
        this.#watchers -= 1
        if (this.#watchers === 0) this.#close()
      },
    }
  }

  #open(): void {
    this.#timer = setInterval(this.#onChange, pollMilliseconds)
    try {
      this.#watcher = watch(this.#folder, this.#onChange)
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // No watch to be had (inotify's limit, say): the timer alone does it.
    }
  }

  #close(): void {
    clearInterval(this.#timer)
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
