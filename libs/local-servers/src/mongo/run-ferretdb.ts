import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { choosePort } from '../choose-port.ts'
import { postgresCommand } from '../install/postgres-root.ts'
import type { PostgresRoot } from '../install/postgres-root.ts'
import { runCommand } from '../processes/run-command.ts'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import type { SupervisedProcess } from '../processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from '../server-program.ts'
import type { Launch, RunningServer } from '../server-program.ts'

const dataName = 'postgres'
const unfinishedSuffix = '.unfinished-'

/** Starts FerretDB and the PostgreSQL below it in a folder. */
export async function runFerretDb(ferretdb: string, postgres: PostgresRoot, launch: Launch): Promise<RunningServer> {
  const { folder, port } = launch
  const data = join(folder, dataName)
  if (!existsSync(data)) await copyTemplate(postgres.template, data)
  await removeUnfinished(folder)
  const state = join(folder, 'ferretdb')
  await mkdir(state, { recursive: true })
  await using output = await open(join(folder, outputFileName), 'a')
  const postgresPort = await choosePort()
  const database = spawnSupervised(...postgresCommand(postgres.root, data, postgresPort), {
    outputFile: output.fd,
    lockFile: join(folder, lockFileName),
  })
  return together(database, spawnFerretDb(ferretdb, port, postgresPort, state, output))
}

function spawnFerretDb(
  program: string,
  port: number,
  postgresPort: number,
  state: string,
  output: FileHandle,
): SupervisedProcess {
  const args = [
    `--listen-addr=127.0.0.1:${port}`,
    '--debug-addr=-',
    `--postgresql-url=postgres://postgres@127.0.0.1:${postgresPort}/postgres`,
    '--no-auth',
    '--telemetry=disabled',
    `--state-dir=${state}`,
  ]
  return spawnSupervised(program, args, { outputFile: output.fd })
}

/** One server of a database and its gateway: where one of them ends unasked, the other is of no use and is killed. */
function together(database: SupervisedProcess, gateway: SupervisedProcess): RunningServer {
  let isStopping = false
  const kill = async (): Promise<void> => {
    await Promise.all([gateway.kill(), database.kill()])
  }
  const ended = Promise.race([database.ended, gateway.ended]).then(async (ending) => {
    if (!isStopping) await kill()
    await Promise.all([gateway.ended, database.ended])
    return ending
  })
  return {
    ended,
    kill,
    async stop() {
      isStopping = true
      // The gateway first: what it was asked is answered.
      await gateway.stop()
      await database.stop()
    },
  }
}

async function copyTemplate(template: string, data: string): Promise<void> {
  const unfinished = await mkdtemp(`${data}${unfinishedSuffix}`)
  try {
    await runCommand('cp', ['-a', '--reflink=auto', `${template}/.`, unfinished])
    // PostgreSQL makes durable what it writes itself, and nothing else.
    await runCommand('sync', ['-f', unfinished])
    await rename(unfinished, data)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
}

/** What a start left that was killed while it copied. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(`${dataName}${unfinishedSuffix}`))
      await rm(join(folder, name), { recursive: true, force: true })
}
