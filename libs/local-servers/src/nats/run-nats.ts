import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from '../server-program.ts'
import type { Launch, RunningServer } from '../server-program.ts'
import { natsConfiguration } from './nats-configuration.ts'

/** Starts a nats-server program in a folder. */
export async function runNats(program: string, { folder, port }: Launch, further: string): Promise<RunningServer> {
  const configurationFile = join(folder, 'nats-server.conf')
  await writeFile(configurationFile, natsConfiguration({ folder, host: '127.0.0.1', port, further }))
  await using output = await open(join(folder, outputFileName), 'a')
  return spawnSupervised(program, ['--config', configurationFile], {
    outputFile: output.fd,
    lockFile: join(folder, lockFileName),
  })
}
