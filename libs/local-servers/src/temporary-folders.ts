import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askProgram } from './processes/run-command.ts'
import { lockFileName } from './server-program.ts'

/**
 * A folder for a server's data whose name says which process owns it. Those of processes that are gone are removed: who
 * was killed could not do so.
 */
export async function makeTemporaryFolder(kind: string): Promise<string> {
  const prefix = `annals-${kind}-`
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined
    if (owner !== undefined && isGone(Number(owner))) await removeUnlessLocked(join(tmpdir(), name))
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** A server whose owner has another list of processes, in a container for example, holds its lock. Without locks nothing goes. */
async function removeUnlessLocked(folder: string): Promise<void> {
  await askProgram('flock', '--nonblock', join(folder, lockFileName), 'rm', '-rf', folder)
}
