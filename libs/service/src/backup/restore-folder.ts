import { existsSync } from 'node:fs'
import { copyFile, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { guardFileSystem, inspectDatabase, lockFolder, makeFolder, syncFolder } from '@annals/sqlite'
import { BlobCorruptError, BlobMissingError, openFileBlobs, openSqliteState, readFileBlobs } from '@annals/storage'
import { openEmbeddedBus } from '@annals/events'
import type { Logger } from 'pino'
import { CommunityRegistry } from '../community-registry.ts'
import { afterRelease, beforeRelease } from '../control/release-control.ts'
import type { AnnalsConfig } from '../config.ts'
import { embeddedFiles } from '../engines/embedded-files.ts'
import { BackupUnusableError, FolderNotEmptyError, RestoreCutOffError } from './backup-errors.ts'
import { blobFolder, describeFile, folderDatabases, readManifest } from './backup-format.ts'
import type { BackupManifest, FolderDatabase } from './backup-format.ts'
import type { BackUpOptions } from './back-up-folder.ts'
import { blobsOfState } from './blobs-of-state.ts'

export interface RestoreOptions extends BackUpOptions {
  readonly log: Logger
}

/** What a data folder may hold before something is restored into it. */
const allowed = new Set(['master.key', 'lock.db', 'lock.db-journal', 'lock.pid', 'lost+found'])

const markerFolder = (dataFolder: string): string => join(dataFolder, 'restoring')
const stagedPath = (dataFolder: string, name: string): string =>
  join(markerFolder(dataFolder), name.replaceAll('/', '-'))

/** @throws RestoreCutOffError where a restore into the folder was cut off */
export function checkRestored(dataFolder: string): void {
  if (existsSync(markerFolder(dataFolder))) throw new RestoreCutOffError(dataFolder)
}

/**
 * Makes the data folder of an embedded node out of a backup. Everything is checked: the databases against the backup's own
 * list and by SQLite, each blob against its name. No node starts on the folder before all of it is there; what was cut off
 * is done again from the beginning.
 *
 * The node controls no community afterwards: it may have sealed and announced since the backup, and what members have of that
 * must be fetched before anything is appended. `TakeControl` comes after that.
 * @throws BackupUnusableError, FolderNotEmptyError, FolderInUseError, SchemaTooNewError, StorageIoError
 */
export async function restoreFolder(
  config: AnnalsConfig,
  source: string,
  options: RestoreOptions,
): Promise<BackupManifest> {
  const { dataFolder } = config
  const manifest = await readManifest(source)
  const databases = databasesOf(config, source, manifest)
  await makeFolder(dataFolder)
  await using _lock = await lockFolder(dataFolder)
  await clean(dataFolder)
  await makeFolder(markerFolder(dataFolder))
  try {
    for (const { name } of databases) await stage(source, name, dataFolder)
    for (const database of databases) await check(source, manifest, database, dataFolder)
    await copyBlobs(source, dataFolder, options)
    await releaseAll(dataFolder, options.log)
  } catch (error) {
    await clean(dataFolder)
    throw error
  }
  for (const { name, path } of databases) {
    await makeFolder(dirname(path))
    await guardFileSystem(path, 'write', () => rename(stagedPath(dataFolder, name), path))
    await syncFolder(dirname(path))
  }
  await guardFileSystem(dataFolder, 'write', () => rm(markerFolder(dataFolder), { recursive: true }))
  await syncFolder(dataFolder)
  return manifest
}

/** The channel may be another one by now. @throws BackupUnusableError */
function databasesOf(config: AnnalsConfig, source: string, { databases }: BackupManifest): FolderDatabase[] {
  return folderDatabases(config).filter(({ name, mayBeMissing }) => {
    const isThere = databases[name] !== undefined
    if (!isThere && !mayBeMissing) throw new BackupUnusableError(source, `it has no ${name}`)
    return isThere
  })
}

/** Leaves what may be there; removes what a restore left that was cut off. @throws FolderNotEmptyError */
async function clean(dataFolder: string): Promise<void> {
  const names = await guardFileSystem(dataFolder, 'list', () => readdir(dataFolder))
  const marker = markerFolder(dataFolder)
  const found = names.filter((name) => !allowed.has(name))
  if (found[0] === undefined) return
  if (!existsSync(marker)) throw new FolderNotEmptyError(dataFolder, found[0])
  // The marker last: without it, what is left would be somebody's.
  for (const path of [...found.map((name) => join(dataFolder, name)).filter((path) => path !== marker), marker])
    await guardFileSystem(path, 'remove', () => rm(path, { recursive: true, force: true }))
}

async function stage(source: string, name: string, dataFolder: string): Promise<void> {
  const staged = stagedPath(dataFolder, name)
  await guardFileSystem(staged, 'write', async () => {
    await copyFile(join(source, name), staged)
    await using file = await open(staged, 'r+')
    await file.sync()
  })
}

/** @throws BackupUnusableError */
async function check(
  source: string,
  { databases }: BackupManifest,
  { name, schema: { kind, applicationId, migrations } }: FolderDatabase,
  dataFolder: string,
): Promise<void> {
  const path = stagedPath(dataFolder, name)
  const found = await describeFile(path)
  const told = databases[name]
  if (found.sha256 !== told?.sha256 || found.sizeBytes !== told.sizeBytes)
    throw new BackupUnusableError(source, `${name} is not the file that was backed up`)
  const { damages } = inspectDatabase(path, { kind, applicationId, knownVersion: migrations.length })
  if (damages[0] !== undefined) throw new BackupUnusableError(source, `${name} is damaged: ${damages[0]}`)
}

/** Makes a member of the node, in every community. */
async function releaseAll(dataFolder: string, log: Logger): Promise<void> {
  await using bus = await openEmbeddedBus({ path: stagedPath(dataFolder, 'events.db'), log })
  await using state = await openSqliteState({ path: stagedPath(dataFolder, 'state.db') })
  const registry = new CommunityRegistry(bus, state, log)
  for await (const { communityId } of registry.list()) {
    const community = await registry.get(communityId)
    if (community?.joined !== true || !community.controlNode) continue
    const announced = await beforeRelease(state, communityId)
    await registry.execute(communityId, { type: 'ReleaseControl', ...announced }, 'restore')
    await afterRelease(state, communityId)
  }
}

/** @throws BackupUnusableError */
async function copyBlobs(
  source: string,
  dataFolder: string,
  { signal, onBlob = () => undefined }: BackUpOptions,
): Promise<void> {
  const from = readFileBlobs({ folder: blobFolder(source) })
  await using to = await openFileBlobs({ folder: embeddedFiles({ dataFolder, channel: '' }).blobs })
  await using state = await openSqliteState({ path: stagedPath(dataFolder, 'state.db') })
  let count = 0
  for await (const key of blobsOfState(state)) {
    signal.throwIfAborted()
    if (await to.has(key)) continue
    try {
      await to.put(from.read(key))
    } catch (error) {
      if (!(error instanceof BlobMissingError) && !(error instanceof BlobCorruptError)) throw error
      throw new BackupUnusableError(source, error.message, { cause: error })
    }
    count += 1
    onBlob(count)
  }
}
