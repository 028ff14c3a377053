import { addressText, gatewayAddress } from '@annals/gateway'
import { runService, settings } from '@annals/service'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import type { UntilStdinEnds } from './option-parsers.ts'
import { untilStdinEnds } from './option-parsers.ts'
import { isServiceName, loadService, serviceNames } from '../load-service.ts'

export const registerRun: Register = (program, run) => {
  program
    .command('run')
    .argument('<service>', `one of ${serviceNames.join(', ')}`)
    .description('runs one service in this process, on NATS and MongoDB, until Ctrl-C')
    .addOption(untilStdinEnds())
    .addHelpText(
      'after',
      '\nAs many of each as you like may run, on any machines. A seeder and a fetcher want a data folder of their own.\n' +
        '\nExamples:\n  NATS_URL=nats://host:4222 MONGODB_URI=mongodb://host annals run scheduler',
    )
    .action(run(runOne))
}

async function runOne({ config, json, stdout }: Cli, options: UntilStdinEnds, name: string): Promise<void> {
  if (!isServiceName(name)) throw new UsageError(`there is no service "${name}", but ${serviceNames.join(', ')}`)
  if (config.natsUrl === '')
    throw new UsageError(
      `one service alone needs engines that it can share: set ${settings.natsUrl.variable} and ` +
        `${settings.mongodbUri.variable}, or run all of them in one process with "annals up"`,
    )
  const definition = await loadService(name)
  await runService([definition], {
    config,
    ...options,
    onStarted: ({ context: { instance, torrents } }) => {
      const address =
        name === 'gateway' ? addressText(gatewayAddress(config.grpcAddress, config.dataFolder)) : undefined
      const uses = definition.uses?.includes('torrents') === true ? torrents.address : undefined
      const line = json
        ? JSON.stringify({ service: name, instance, address, torrents: uses })
        : [
            `The ${name} is at work as ${instance}`,
            ...(address === undefined ? [] : [`gRPC at ${address}`]),
            ...(uses === undefined ? [] : [`torrents at ${uses.host}:${uses.port}`]),
          ].join(', ')
      stdout.write(`${line}\n`)
    },
  })
}
