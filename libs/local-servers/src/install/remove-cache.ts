import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, locksFolder } from './cache-folder.ts'
import { holdLock } from './hold-lock.ts'
import type { InstallOptions } from './install-options.ts'

/**
 * Removes every server from the cache, once no installation is under way. Servers that run are not stopped; the
 * databases among them need what is removed.
 * @returns the cache's folder
 */
export async function removeCache(options: InstallOptions): Promise<string> {
  const cache = cacheFolder()
  if (!existsSync(cache)) return cache
  await mkdir(locksFolder(), { recursive: true })
  await using locks = new AsyncDisposableStack()
  for (const name of await readdir(locksFolder()))
    locks.use(await holdLock(join(locksFolder(), name), `installing ${name}`, options))
  for (const name of await readdir(cache))
    if (join(cache, name) !== locksFolder()) await rm(join(cache, name), { recursive: true, force: true })
  return cache
}
