import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../processes/run-command.ts'
import { cacheFolder, locksFolder } from './cache-folder.ts'
import { holdLock } from './hold-lock.ts'
import type { InstallOptions } from './install-options.ts'

/**
 * A folder of the cache, made if it is not there. It appears complete or not at all, and one process makes it at a time.
 * @throws what `make` throws; StorageIoError; the signal's reason
 */
export async function installOnce(
  name: string,
  make: (folder: string) => Promise<void>,
  options: InstallOptions,
): Promise<string> {
  const cache = cacheFolder()
  const installed = join(cache, name)
  if (existsSync(installed)) return installed
  await using _lock = await holdLock(join(locksFolder(), name), `installing ${name}`, options)
  if (existsSync(installed)) return installed
  const began = performance.now()
  const unfinished = `${name}.unfinished-`
  await removeUnfinished(cache, unfinished)
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, unfinished))
  try {
    await make(folder)
    // Before the name that promises completeness is given.
    await runCommand('sync', [])
    await rename(folder, installed)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  options.onProgress?.(`${name} is there after ${Math.round((performance.now() - began) / 1000)} s, in ${installed}`)
  return installed
}

/** What a killed installation left. Its last processes may still be at their end; then the next one removes it. */
async function removeUnfinished(cache: string, prefix: string): Promise<void> {
  for (const name of await readdir(cache))
    if (name.startsWith(prefix)) await rm(join(cache, name), { recursive: true, force: true }).catch(() => {})
}
