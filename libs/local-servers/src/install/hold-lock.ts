import { setTimeout as pause } from 'node:timers/promises'
import { FolderInUseError, lockFolder } from '@annals/sqlite'
import type { InstallOptions } from './install-options.ts'

const betweenTriesMilliseconds = 200

/** Waits until no other process holds the lock. It ends with its process. @throws StorageIoError; the signal's reason */
export async function holdLock(folder: string, what: string, options: InstallOptions): Promise<AsyncDisposable> {
  for (let isSaid = false; ; isSaid = true) {
    options.signal?.throwIfAborted()
    try {
      return await lockFolder(folder)
    } catch (error) {
      if (!(error instanceof FolderInUseError)) throw error
      const holder = error.pid === undefined ? 'another process' : `process ${error.pid}`
      if (!isSaid) options.onProgress?.(`${what}: ${holder} is at it; waiting`)
      await pause(betweenTriesMilliseconds, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}
