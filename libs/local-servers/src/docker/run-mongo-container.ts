import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mongodFolderName } from '../mongo/run-mongod.ts'
import type { Launch, RunningServer } from '../server-program.ts'
import { versions } from '../versions.ts'
import type { Docker } from './find-image.ts'
import { runContainer } from './run-container.ts'

/** Starts MongoDB's own server in a container; its folder is laid out as without one. */
export async function runMongoContainer(docker: Docker, launch: Launch): Promise<RunningServer> {
  const source = join(launch.folder, mongodFolderName)
  await mkdir(source, { recursive: true })
  const command = ['mongod', '--bind_ip_all']
  const mount = { source, target: '/data/db' }
  return runContainer(docker, { image: versions.mongoImage, command, portInside: 27_017, mount }, launch)
}
