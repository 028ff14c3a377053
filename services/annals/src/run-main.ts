import { commands } from './commands/index.ts'
import { runCommandLine } from './command-line.ts'

/** The command line of this process. */
export async function runMain(): Promise<void> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  // `annals events tail | head` closes the pipe: nothing is left to be said.
  process.stdout.on('error', () => interrupted.abort())
  const { stdout, stderr, env } = process
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    stdout,
    stderr,
    env,
    commands,
    signal: interrupted.signal,
  })
}
