import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCommandLine } from '../command-line.ts'
import { commands } from '../commands/index.ts'

export interface CliResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process, with nothing of its environment. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<CliResult> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const told = Promise.all([text(stdout), text(stderr)])
  const exitCode = await runCommandLine(args, { env, stdout, stderr, signal, commands })
  stdout.end()
  stderr.end()
  const [out, err] = await told
  return { exitCode, stdout: out, stderr: err }
}

/** Runs it with --json, and reads what it says. @throws if it fails */
export async function runJson<T>(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<T> {
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], env)
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`)
  return JSON.parse(stdout) as T
}
