import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { natsConfiguration } from '../nats/nats-configuration.ts'
import type { Launch, RunningServer } from '../server-program.ts'
import { versions } from '../versions.ts'
import type { Docker } from './find-image.ts'
import { runContainer } from './run-container.ts'

const portInside = 4222
const folderInside = '/data'
const configurationFileName = 'nats-server.conf'

/** Starts a nats-server in a container; its folder is laid out as without one. */
export async function runNatsContainer(docker: Docker, launch: Launch, further: string): Promise<RunningServer> {
  const configuration = natsConfiguration({ folder: folderInside, host: '0.0.0.0', port: portInside, further })
  await writeFile(join(launch.folder, configurationFileName), configuration)
  const mount = { source: launch.folder, target: folderInside }
  const command = ['--config', join(folderInside, configurationFileName)]
  return runContainer(docker, { image: versions.natsImage, command, portInside, mount }, launch)
}
