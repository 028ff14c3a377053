import { spawn } from 'node:child_process'
import type { StdioOptions } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface SupervisedProcess {
  /** Standard output and standard error, where no file takes them. */
  readonly output: readonly Readable[]
  /** The exit code, or the signal's name, once the process and everything that it started are gone. Never rejects. */
  readonly ended: Promise<number | string>
  /** SIGKILL for all of its process group; resolves once they are gone. */
  kill(): Promise<void>
  /** SIGINT for all of its process group; SIGKILL if that does not end them. Resolves once they are gone. */
  stop(): Promise<void>
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** An open file for what it says. Pipes where absent. */
  readonly outputFile?: number
  /** A file that stays locked while any process of it lives; one that comes after waits a moment for it. */
  readonly lockFile?: string
}

/** Longer than any server takes to write down what it has in memory. */
const stopLimitMilliseconds = 60_000

/** The exit code of a start whose lock file another server holds. */
export const lockedExitCode = 75

// The process group has a watcher in it, which reads from a pipe whose other end only the owner holds. However the owner
// ends, the pipe ends with it, and the watcher kills the group, itself included. It ignores the signals of an orderly stop.
// Ignored signals pass on through exec, so they are ignored only while the watcher is forked.
// POSIX gives what runs in the background an empty standard input, hence the copy of it under another number.
const wrapper = `
exec 4<&0 </dev/null
trap '' INT TERM HUP
(read -r _ <&4; kill -9 0) 3>&- &
trap - INT TERM HUP
exec 4<&-
if [ -n "$0" ] && command -v flock >/dev/null; then
  exec 9>>"$0"
  flock -w 5 9 || { echo "$0 is locked: another server works on this folder"; exit ${lockedExitCode}; }
fi
exec "$@"
`

/**
 * Runs a program in a process group of its own that does not outlive this process, not even where this one is killed.
 * A program that is missing ends with 127, as the shell has it.
 */
export function spawnSupervised(
  command: string,
  args: readonly string[],
  { env = process.env, outputFile, lockFile = '' }: SpawnOptions = {},
): SupervisedProcess {
  const output = outputFile ?? 'pipe'
  // Number 3 is for its end: every process that it starts holds it, so it closes when the last one is gone.
  const stdio: StdioOptions = ['pipe', output, output, 'pipe']
  const child = spawn('/bin/sh', ['-c', wrapper, lockFile, command, ...args], { detached: true, env, stdio })
  child.stdin?.on('error', () => {})
  ;(child.stdio[3] as Readable).on('error', () => {}).resume()
  let gone = false
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message)
    })
    // What the program left behind in its group goes with it.
    child.once('exit', () => child.stdin?.destroy())
    child.once('close', (code, signal) => {
      gone = true
      resolve(code ?? signal ?? 'an unknown end')
    })
  })
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (gone || child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return {
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    ended,
    async kill() {
      signalGroup('SIGKILL')
      await ended
    },
    async stop() {
      signalGroup('SIGINT')
      const limit = setTimeout(() => signalGroup('SIGKILL'), stopLimitMilliseconds)
      try {
        await ended
      } finally {
        clearTimeout(limit)
      }
    },
  }
}
