import { ConfigError, readEnv, settings } from '@annals/service'
import { InvalidAddressError } from '@annals/gateway'
import { status } from '@grpc/grpc-js'
import { Command, CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import type { BareCli, Cli, Register, Run } from './cli.ts'
import { NodeError, NodeUnreachableError, UsageError } from './cli-errors.ts'
import { exitCodes } from './exit-codes.ts'

export interface Surroundings extends Pick<Cli, 'stdout' | 'stderr' | 'signal'> {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly commands: readonly Register[]
}

interface GlobalOptions {
  readonly data?: string
  readonly address?: string
  readonly token?: string
  readonly json?: boolean
}

const help = `
Settings come from the environment (${settings.dataFolder.variable}, ${settings.grpcAddress.variable}, ${settings.grpcToken.variable}, …); options win over them.

Exit codes: ${exitCodes.ok} done, ${exitCodes.failed} failed or not as it should be, ${exitCodes.usage} wrong use, ${exitCodes.unreachable} no node answers.

Examples:
  annals up
  annals community add --name "My community" --chat general --archive
  annals import exports/ --community 0x0252…
  annals status`

/** Parses and runs a command line; answers the exit code. Everything that goes wrong is told on stderr. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, commands } = surroundings
  let exitCode: number = exitCodes.ok
  const runAs =
    <C>(cliOf: (command: Command, surroundings: Surroundings) => C): Run<C> =>
    (action) =>
    async (...parsed) => {
      const command = parsed.pop() as Command
      const options = parsed.pop() as never
      exitCode = (await action(cliOf(command, surroundings), options, ...(parsed as never))) ?? exitCodes.ok
    }
  const program = buildProgram(stdout, stderr)
  for (const register of commands) register(program, runAs(cliOf), runAs(bareCliOf))
  inherit(program, program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return tell(error, stderr)
  }
}

function buildProgram(stdout: Cli['stdout'], stderr: Cli['stderr']): Command {
  return new Command('annals')
    .description('Keeps the whole message history of chat communities: sealed, seeded and announced week by week.')
    .version(packageJson.version)
    .option('--data <folder>', `the node's data folder (default: ${settings.dataFolder.default})`)
    .option('--address <address>', 'where the node is: host:port or unix:PATH (default: the socket in the data folder)')
    .option('--token <token>', 'the secret that the node wants')
    .option('--json', 'output for programs: a JSON document, or NDJSON for what has no end')
    .addHelpText('after', help)
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride()
}

/** Global options may stand before or behind the command; every command says what is wrong in the same way. */
function inherit(program: Command, parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(program).showHelpAfterError('(--help says more)')
    if (command.commands.length === 0)
      for (const option of program.options) if (option.long !== '--version') command.addOption(option)
    inherit(program, command)
  }
}

function cliOf(command: Command, surroundings: Surroundings): Cli {
  const bare = bareCliOf(command, surroundings)
  const config = readEnv(bare.env)
  return { ...bare, config, address: config.grpcAddress, token: config.grpcToken }
}

function bareCliOf(command: Command, { env, stdout, stderr, signal }: Surroundings): BareCli {
  const options: GlobalOptions = command.optsWithGlobals()
  return { env: withOptions(env, options), stdout, stderr, signal, json: options.json ?? false }
}

function withOptions(env: Surroundings['env'], { data, address, token }: GlobalOptions): Surroundings['env'] {
  return {
    ...env,
    ...(data !== undefined && { [settings.dataFolder.variable]: data }),
    ...(address !== undefined && { [settings.grpcAddress.variable]: address }),
    ...(token !== undefined && { [settings.grpcToken.variable]: token }),
  }
}

/** The one place where errors become words and exit codes. */
function tell(error: unknown, stderr: Cli['stderr']): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.name === 'AbortError') {
    stderr.write('annals: interrupted; what was done so far stands, and the same command goes on from there\n')
    return exitCodes.failed
  }
  stderr.write(`annals: ${message}\n`)
  if (error instanceof NodeUnreachableError) return exitCodes.unreachable
  if (error instanceof NodeError) return error.code === status.INVALID_ARGUMENT ? exitCodes.usage : exitCodes.failed
  if (error instanceof ConfigError || error instanceof InvalidAddressError || error instanceof UsageError)
    return exitCodes.usage
  return exitCodes.failed
}
