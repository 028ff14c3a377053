import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program with its output on ours; true if it ends with exit code 0. */
export async function run(command: string, args: readonly string[], folder = '.'): Promise<boolean> {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    const [code] = await once(child, 'exit')
    return code === 0
  } catch (error) {
    process.stderr.write(`${command} could not be started: ${String(error)}\n`)
    return false
  }
}
