import { createInterface } from 'node:readline'
import { CommandFailedError } from '../errors.ts'
import { spawnSupervised } from './spawn-supervised.ts'

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  readonly onLine?: (line: string) => void
}

const keptLines = 30

/**
 * Runs a program to its end; it does not outlive this process. Answers all lines that it said where they are few, the
 * last 30 where they are many.
 * @throws CommandFailedError where it ends with anything but 0; the signal's reason
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env, signal, onLine }: CommandOptions = {},
): Promise<readonly string[]> {
  signal?.throwIfAborted()
  const run = spawnSupervised(command, args, env === undefined ? {} : { env })
  const lines: string[] = []
  const read = run.output.map(async (input) => {
    for await (const line of createInterface({ input })) {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      onLine?.(line)
    }
  })
  const abort = (): void => void run.kill()
  signal?.addEventListener('abort', abort)
  try {
    const [ending] = await Promise.all([run.ended, ...read])
    signal?.throwIfAborted()
    if (ending !== 0) throw new CommandFailedError([command, ...args].join(' '), ending, lines.join('\n'))
    return lines
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** What a program says in one go, or `undefined` where it is missing or fails. */
export async function askProgram(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await runCommand(command, args)).join('\n')
  } catch (error) {
    if (error instanceof CommandFailedError) return undefined
    throw error
  }
}
