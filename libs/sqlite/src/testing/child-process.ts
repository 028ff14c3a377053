import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface ScriptRun extends AsyncDisposable {
  readonly pid: number
  /** The lines of its standard output that were complete so far. */
  readonly lines: readonly string[]
  /** Resolves once so many lines are there. Rejects if the process ends before. */
  untilLines(count: number): Promise<void>
  /** Ends the process as a crash does (SIGKILL); resolves once it is gone. */
  kill(): Promise<void>
  /** Resolves with the exit code, or the signal's name, once the process has ended and all its output is read. */
  ended(): Promise<number | string>
}

/** Runs a TypeScript file in a process of its own, which is killed at the end if it still runs. */
export function spawnScript(script: URL, args: readonly string[], wrapper: readonly string[] = []): ScriptRun {
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, fileURLToPath(script), ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  let partial = ''
  let changed = Promise.withResolvers<void>()
  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = (partial + text).split('\n')
    // A line that a kill cut off was not said.
    partial = complete.pop() ?? ''
    lines.push(...complete)
    wake()
  })
  let end: number | string | undefined
  const closed = once(child, 'close').then(([code, signal]: unknown[]) => {
    end = typeof code === 'number' ? code : String(signal)
    wake()
    return end
  })
  const run: ScriptRun = {
    pid: child.pid ?? -1,
    lines,
    async untilLines(count) {
      while (lines.length < count) {
        if (end !== undefined) throw new Error(`${fileURLToPath(script)} ended with ${end} after ${lines.length} lines`)
        await changed.promise
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    ended: () => closed,
    [Symbol.asyncDispose]: () => run.kill(),
  }
  return run
}

/** Runs a script, kills it once it has said so many lines, and answers all that it had said by then. */
export async function killAfter(script: URL, args: readonly string[], count: number): Promise<readonly string[]> {
  await using run = spawnScript(script, args)
  await run.untilLines(count)
  await run.kill()
  return run.lines
}

/** Says a line on standard output such that it is out when the process is killed right after. */
export function say(line: string): void {
  writeSync(1, `${line}\n`)
}
