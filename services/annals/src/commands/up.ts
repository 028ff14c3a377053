import type { Cli, Register } from '../cli.ts'
import { addressText, gatewayAddress } from '@annals/gateway'
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
    onStarted: ({ context: { torrents } }) => {
      const address = addressText(gatewayAddress(config.grpcAddress, config.dataFolder))
      const line = json
        ? JSON.stringify({ address, torrents: torrents.address })
        : `Annals is up: gRPC at ${address}, torrents at ${torrents.address.host}:${torrents.address.port}. Ctrl-C stops it.`
      stdout.write(`${line}\n`)
    },
  })
}
