import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from '../server-program.ts'
import type { Launch, RunningServer } from '../server-program.ts'

/** In the server's folder: the database of MongoDB's own server. */
export const mongodFolderName = 'mongod'

/** Starts MongoDB's own server, a standalone one, in a folder. Its journal makes durable what a majority concern asks for. */
export async function runMongod({ folder, port }: Launch): Promise<RunningServer> {
  const data = join(folder, mongodFolderName)
  await mkdir(data, { recursive: true })
  await using output = await open(join(folder, outputFileName), 'a')
  const args = ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', data, '--nounixsocket']
  return spawnSupervised('mongod', args, { outputFile: output.fd, lockFile: join(folder, lockFileName) })
}
