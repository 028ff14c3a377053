import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

/** A text of the data folder that only its owner reads; absent where there is none. */
export async function readKept(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, also where the process dies meanwhile. */
export async function writeKept(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`
  await writeFile(fresh, `${text}\n`, { mode: 0o600, flush: true })
  await rename(fresh, file)
}
