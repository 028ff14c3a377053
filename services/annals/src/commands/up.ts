import type { Cli, Register } from '../cli.ts'
import { addressText, gatewayAddress, pageAddress } from '@annals/gateway'
import { runService } from '@annals/service'
import type { UntilStdinEnds } from './option-parsers.ts'
import { untilStdinEnds } from './option-parsers.ts'
import { allServices } from '../all-services.ts'

export const registerUp: Register = (program, run) => {
  program
    .command('up')
    .description('runs every service in this process, on one folder, until Ctrl-C')
    .addOption(untilStdinEnds())
    .addHelpText(
      'after',
      '\nEvery setting is an environment variable; docs/settings.md lists them.\n\nExamples:\n  annals up --data ~/annals',
    )
    .action(run(up))
}

async function up({ config, json, stdout }: Cli, options: UntilStdinEnds): Promise<void> {
  await runService(allServices, {
    config,
    ...options,
    onStarted: async ({ context: { torrents } }) => {
      const address = addressText(gatewayAddress(config.grpcAddress, config.dataFolder))
      const page = await pageAddress(config)
      const line = json
        ? JSON.stringify({ address, torrents: torrents.address, page })
        : `Annals is up: gRPC at ${address}, torrents at ${torrents.address.host}:${torrents.address.port}. Ctrl-C stops it.${pageText(page, stdout.isTTY === true)}`
      stdout.write(`${line}\n`)
    },
  })
}

/** What opens the page is for whoever sits there: what is no terminal may be a log. */
function pageText(page: string | undefined, isTerminal: boolean): string {
  if (page === undefined) return ''
  if (isTerminal) return `\n\n    ${page}\n\nis the page. Who has this address may do everything.`
  const { origin } = new URL(page)
  return ` The page is at ${origin}; the token for it is ANNALS_TOKEN, or in http.token in the data folder.`
}
