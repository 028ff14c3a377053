import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const program = join(import.meta.dirname, '..', '..', 'services', 'annals', 'src', 'main.ts')

/** Runs a command as a person does, in a process of its own, and answers what it said. @throws where its exit code is not 0 */
export async function runAnnals<T>(args: readonly string[], environment: Record<string, string> = {}): Promise<T> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment }
  const { stdout } = await run(process.execPath, [program, ...args, '--json'], { env })
  return JSON.parse(stdout) as T
}
