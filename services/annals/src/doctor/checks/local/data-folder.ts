import { randomUUID } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineCheck, problem, warning } from '../../check.ts'

/** A probe is this large, so that a full disk is noticed. */
const probeBytes = 64 * 1024

/** Whether the data folder can be worked on. */
export const dataFolder = defineCheck({
  name: 'data-folder',
  looksAt: 'the data folder: there, ours, and written to with a small file that is removed again',
  seconds: 10,
  kinds: {
    missing: warning(
      'there is no such folder',
      'nothing, if a node is to be made there: it makes the folder. Otherwise say where it is with --data or ANNALS_DATA',
    ),
    'not-a-folder': problem(
      'the name stands for something that is no folder, or cannot be looked at',
      'correct ANNALS_DATA, or the permissions of the folders above it',
    ),
    foreign: warning(
      'the folder belongs to another user than the one who looks',
      'look as the user that runs the node; if this is that user, give it the folder (chown -R)',
    ),
    unwritable: problem(
      'no file can be written there',
      'see what the system says: free space on a full disk or in a quota, mount the disk writable, or give the folder to this user',
    ),
  },
  isWanted: (context) => context.usesFolder,
  async look({ config }, report) {
    const path = resolve(config.dataFolder)
    let info: Stats
    try {
      info = await stat(path)
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      report(isMissing ? 'missing' : 'not-a-folder', { about: path, found: (error as Error).message })
      return ''
    }
    if (!info.isDirectory()) {
      report('not-a-folder', { about: path, found: 'a file', expected: 'a folder' })
      return ''
    }
    const uid = process.getuid?.()
    if (uid !== undefined && uid !== info.uid)
      report('foreign', { about: path, found: `user ${info.uid}`, expected: `user ${uid}, who looks` })
    try {
      await writeProbe(path)
    } catch (error) {
      report('unwritable', {
        about: path,
        found: (error as Error).message,
        expected: 'a folder that can be written to',
      })
    }
    return path
  },
})

async function writeProbe(folder: string): Promise<void> {
  const path = join(folder, `doctor-${randomUUID()}`)
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(new Uint8Array(probeBytes))
    await file.sync()
  } finally {
    await rm(path, { force: true })
  }
}
