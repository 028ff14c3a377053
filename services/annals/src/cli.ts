import type { AnnalsConfig } from '@annals/service'
import type { Writable } from 'node:stream'
import type { Command } from 'commander'

/** What a command has that works where the settings do not. */
export interface BareCli {
  /** Settings as they were given, options among them. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** True where programs read the output: one JSON document, or NDJSON for what has no end. */
  readonly json: boolean
  /** Aborts on Ctrl-C: end in order. */
  readonly signal: AbortSignal
}

/** What every command works with besides its own options. */
export interface Cli extends BareCli {
  readonly config: AnnalsConfig
  /** Where the node is; empty for the socket in the data folder. */
  readonly address: string
  readonly token: string
}

/** Runs a command; what it resolves to is the exit code, 0 where it is nothing. */
export type Action<Options, Arguments extends unknown[], C = Cli> = (
  cli: C,
  options: Options,
  ...rest: Arguments
) => Promise<number | void>

/**
 * Adds a command, or a group of them, to the program. `run` gives a command's action what commander knows only when it
 * is called; with `runBare` it is called also where the settings are wrong.
 */
export type Register = (program: Command, run: Run, runBare: Run<BareCli>) => void

export type Run<C = Cli> = <Options, Arguments extends unknown[]>(
  action: Action<Options, Arguments, C>,
) => (...parsed: [...Arguments, Options, Command]) => Promise<void>
