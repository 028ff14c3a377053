import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DatabaseInspection, ExpectedDatabase } from '@annals/sqlite'

/** What the process says: what was found, or the error that it met. */
export type InspectionAnswer =
  | DatabaseInspection
  | { readonly error: { readonly name: string; readonly message: string; readonly code?: string } }

/**
 * Reads a database in a process of its own: that takes as long as it takes, nothing else happens in its thread
 * meanwhile, and only a process can be ended in the midst of it.
 * @throws the system's error if the process ends without an answer; the signal's reason
 */
export async function inspectInProcess(
  path: string,
  expected: ExpectedDatabase,
  signal: AbortSignal,
): Promise<InspectionAnswer> {
  const program = join(import.meta.dirname, 'inspect-database.main.ts')
  const options = { signal, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'] ?? '' } } as const
  const { stdout } = await promisify(execFile)(process.execPath, [program, path, JSON.stringify(expected)], options)
  return JSON.parse(stdout) as InspectionAnswer
}
