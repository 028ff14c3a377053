import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { choosePort } from '../choose-port.ts'
import { CommandFailedError } from '../errors.ts'
import { runCommand } from '../processes/run-command.ts'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import { versions } from '../versions.ts'
import { buildDebianRoot } from './build-debian-root.ts'
import { checkMayChroot } from './check-may-chroot.ts'
import { closeWayOnFailure } from './close-way.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { initDatabaseCommand, insideRoot, postgresCommand, postgresOwner } from './postgres-root.ts'
import type { PostgresRoot } from './postgres-root.ts'

/** Goes up whenever what is made here changes: the cache keeps what was made before. */
const recipe = 1
const versionFile = 'documentdb-version'

/**
 * PostgreSQL with DocumentDB in the cache.
 * @throws WayClosedError
 */
export async function installPostgres(options: InstallOptions): Promise<PostgresRoot> {
  await checkMayChroot()
  const folder = await installOnce(
    `${versions.documentdbPackage}-${versions.debianSuite}-${recipe}`,
    (unfinished) => makePostgres(unfinished, options),
    options,
  )
  const documentdb = (await readFile(join(folder, versionFile), 'utf8')).trim()
  return { root: join(folder, 'root'), template: join(folder, 'template'), documentdb }
}

async function makePostgres(folder: string, options: InstallOptions): Promise<void> {
  const root = join(folder, 'root')
  const template = join(folder, 'template')
  await closeWayOnFailure('See what it says: is the mirror of apt reachable, is the disk full?', async () => {
    await writeFile(join(folder, versionFile), await buildDebianRoot(root, options))
    options.onProgress?.('initialising a database to copy new ones from')
    await makeTemplate(root, template, options)
  })
}

/** A data folder with the extension, of a database that was shut down in order. */
async function makeTemplate(root: string, template: string, { signal }: InstallOptions): Promise<void> {
  await mkdir(join(root, 'data'))
  await mkdir(template)
  const { user, group } = await postgresOwner(root)
  await chown(template, user, group)
  await chmod(template, 0o700)
  const run = ([command, args]: [string, string[]]): Promise<unknown> => runCommand(command, args, { signal })
  await run(initDatabaseCommand(root, template))
  const port = await choosePort()
  const client = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  const database = spawnSupervised(...postgresCommand(root, template, port))
  for (const output of database.output) output.resume()
  try {
    await untilReady(() => run(insideRoot(root, template, 'pg_isready', client)), database.ended)
    await run(insideRoot(root, template, 'psql', [...client, '-v', 'ON_ERROR_STOP=1', '-c', createExtension]))
    await database.stop()
  } finally {
    await database.kill()
  }
  await rm(join(template, 'postmaster.opts'), { force: true })
}

const createExtension = 'create extension documentdb cascade'

async function untilReady(isReady: () => Promise<unknown>, ended: Promise<number | string>): Promise<void> {
  let hasEnded = false
  void ended.then(() => (hasEnded = true))
  for (;;) {
    try {
      await isReady()
      return
    } catch (error) {
      if (hasEnded || !(error instanceof CommandFailedError)) throw error
    }
  }
}
