import type { Command } from 'commander'
import { addressText, gatewayAddress } from '@annals/gateway'
import { runService } from '@annals/service'
import { allServices } from '../all-services.ts'

/** `annals up`: every service in this process, on one folder. */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description('run every service in this process, on one folder, until Ctrl-C')
    .option('--data <folder>', 'the data folder (ANNALS_DATA)')
    .option('--json', 'say where the node answers as one line of JSON')
    .addHelpText('after', '\nEvery other setting is an environment variable: docs/settings.md lists them.\n\n  annals up --data ~/annals')
    .action(async (options: { data?: string; json?: boolean }) => {
      const environment = { ...process.env, ...(options.data !== undefined && { ANNALS_DATA: options.data }) }
      await runService(allServices, {
        environment,
        onStarted: ({ context: { config, torrents } }) => {
          const address = addressText(gatewayAddress(config.grpcAddress, config.dataFolder))
          const line =
            options.json === true
              ? JSON.stringify({ address, torrents: torrents.address })
              : `Annals is up: gRPC at ${address}, torrents at ${torrents.address.host}:${torrents.address.port}. Ctrl-C stops it.`
          process.stdout.write(`${line}\n`)
        },
      })
    })
}
