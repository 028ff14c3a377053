import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignerReport } from '@annals/keys/remote'
import type { ChannelCredentials } from '@grpc/grpc-js'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { addressText, gatewayAddress, isLocal } from '@annals/gateway'
import { SignerMemory, runSigner } from '@annals/keys/remote'
import { credentials } from '@grpc/grpc-js'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { momentText, printable } from '../output/format.ts'
import { write } from '../output/write.ts'
import { readSecret } from '../read-secret.ts'
import type { UntilStdinEnds } from './option-parsers.ts'
import { untilStdinEnds } from './option-parsers.ts'

interface SignerCommandOptions extends UntilStdinEnds {
  readonly keyFile: string
  readonly tokenFile: string
  readonly memory?: string
  readonly ca?: string
}

const help = `
The signer calls the host and stays on the line, so that it works behind any router. It signs announcements and
descriptions of its own community alone, never one that is older than the last, and writes a line for each. Away from
this machine it speaks TLS.

Examples:
  annals signer --address host.example:443 --key-file key.hex --token-file signer-token
  pass show community | annals signer --address host.example:443 --key-file - --token-file signer-token`

export const registerSigner: Register = (program, run) => {
  program
    .command('signer')
    .description('signs for a community whose host does not have its key, until Ctrl-C')
    .requiredOption('--key-file <file>', "the community's private key, 64 hex digits; - reads it from stdin")
    .requiredOption('--token-file <file>', 'what "annals keys delegate" said on the host')
    .option('--memory <folder>', 'where it keeps what it signed last (default: signer in the data folder)')
    .option('--ca <file>', "certificates (PEM) that the host's is checked with (default: those of the system)")
    .addOption(untilStdinEnds())
    .addHelpText('after', help)
    .action(run(sign))
}

async function sign(cli: Cli, options: SignerCommandOptions): Promise<void> {
  if (options.keyFile === '-' && options.untilStdinEnds === true)
    throw new UsageError('standard input cannot bring the key and say when to end')
  const privateKey = await readSecret(options.keyFile)
  const token = await readSecret(options.tokenFile)
  const communityId = communityIdOfPrivateKey(privateKey.reveal())
  const where = gatewayAddress(cli.address, cli.config.dataFolder)
  const address = addressText(where)
  const folder = options.memory ?? join(cli.config.dataFolder, 'signer')
  await using memory = await SignerMemory.open(folder, communityId)
  const say = (line: object, text: string): void =>
    void write(cli.stdout, cli.json ? `${JSON.stringify(line)}\n` : `${momentText(Date.now())}  ${text}\n`)
  say({ communityId, address }, `signs for ${communityId} at ${address}`)
  await runSigner({
    communityId,
    privateKey,
    token,
    memory,
    address,
    credentials: isLocal(where) ? credentials.createInsecure() : await tls(options.ca),
    signal: options.untilStdinEnds === true ? AbortSignal.any([cli.signal, stdinEnded()]) : cli.signal,
    onAttached: () => say({ attached: true }, 'the host asks from now on'),
    onAnswered: (report) => say(report, reportText(report)),
    onDetached: (error) =>
      say(
        { attached: false, reason: error?.details ?? '' },
        `the host is away: ${printable(error?.details ?? 'it hung up')}`,
      ),
  })
}

function reportText({ type, clock, magnetLink, refusal }: SignerReport): string {
  const what = [`type ${type}`, ...(clock === undefined ? [] : [`clock ${clock}`]), ...(magnetLink ? [magnetLink] : [])]
  return printable(
    `${refusal === undefined ? 'signed' : 'REFUSED'}  ${what.join('  ')}${refusal ? `  ${refusal}` : ''}`,
  ).replaceAll('\n', ' ')
}

async function tls(ca: string | undefined): Promise<ChannelCredentials> {
  if (ca === undefined) return credentials.createSsl()
  try {
    return credentials.createSsl(await readFile(ca))
  } catch (error) {
    throw new UsageError(`the certificates in ${ca} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

/** Aborts when standard input ends, as it does when whoever started this process is gone. */
function stdinEnded(): AbortSignal {
  const ended = new AbortController()
  process.stdin
    .once('end', () => ended.abort())
    .once('error', () => undefined)
    .resume()
  return ended.signal
}
