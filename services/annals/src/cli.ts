import type { AnnalsConfig } from '@annals/service'
import type { Writable } from 'node:stream'
import type { Command } from 'commander'

/** What every command works with besides its own options. */
export interface Cli {
  readonly config: AnnalsConfig
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** True where programs read the output: one JSON document, or NDJSON for what has no end. */
  readonly json: boolean
  /** Where the node is; empty for the socket in the data folder. */
  readonly address: string
  readonly token: string
  /** Aborts on Ctrl-C: end in order. */
  readonly signal: AbortSignal
}

/** Runs a command; what it resolves to is the exit code, 0 where it is nothing. */
export type Action<Options, Arguments extends unknown[]> = (
  cli: Cli,
  options: Options,
  ...rest: Arguments
) => Promise<number | void>

/**
 * Adds a command, or a group of them, to the program. `run` gives a command's action what commander knows only when it
 * is called.
 */
export type Register = (program: Command, run: Run) => void

export type Run = <Options, Arguments extends unknown[]>(
  action: Action<Options, Arguments>,
) => (...parsed: [...Arguments, Options, Command]) => Promise<void>
