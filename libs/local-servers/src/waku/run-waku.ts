import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from '../server-program.ts'
import type { Launch, RunningServer } from '../server-program.ts'

/** Starts a Waku node's program, of whichever kind, in a folder. */
export async function runWaku(program: string, args: readonly string[], { folder }: Launch): Promise<RunningServer> {
  await using output = await open(join(folder, outputFileName), 'a')
  return spawnSupervised(program, args, { outputFile: output.fd, lockFile: join(folder, lockFileName) })
}
