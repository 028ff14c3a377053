import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnnalsConfig } from '../config.ts'

/**
 * What a process goes by among those that share the engines: as the settings say, or else a name that is made up, and
 * kept in the data folder where it has one, so that what is on its disk is still its own after a restart.
 */
export async function instanceOf(config: AnnalsConfig, hasFolder: boolean): Promise<string> {
  if (config.instance !== '') return config.instance
  if (!hasFolder) return randomUUID()
  const path = join(config.dataFolder, 'instance')
  try {
    const kept = (await readFile(path, 'utf8')).trim()
    if (/^[A-Za-z0-9-]{1,60}$/.test(kept)) return kept
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const made = randomUUID()
  await writeFile(`${path}.new`, `${made}\n`, { flush: true })
  await rename(`${path}.new`, path)
  return made
}
