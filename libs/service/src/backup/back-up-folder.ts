import { existsSync } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { copyDatabases, guardFileSystem, makeFolder, syncFolder } from '@annals/sqlite'
import { openFileBlobs, openSqliteState, readFileBlobs } from '@annals/storage'
import type { AnnalsConfig } from '../config.ts'
import { embeddedFiles } from '../engines/embedded-files.ts'
import { FolderNotEmptyError } from './backup-errors.ts'
import { blobFolder, describeFile, folderDatabases, manifestFile, newManifest } from './backup-format.ts'
import type { BackupManifest } from './backup-format.ts'
import { blobsOfState } from './blobs-of-state.ts'

export interface BackUpOptions {
  /** Ends it between two blobs; what was written is removed by the next one. */
  readonly signal: AbortSignal
  /** Called after each blob. */
  readonly onBlob?: (blobs: number) => void
}

/**
 * Copies the data folder of an embedded node, which may be at work, to a folder of its own: its databases as they were at one
 * moment, as a kill at that moment would have left them, and every blob that they refer to, checked. Blobs come after the
 * databases: they are never changed, and one that is referred to is not deleted. The master key is left out, and so are the
 * torrents' files, which are made of the blobs again.
 *
 * What has the name `target` is complete: it is written under `<target>.partial` first.
 * @throws FolderNotEmptyError; BlobMissingError, BlobCorruptError where the node itself lacks an archive's bytes;
 * NotADatabaseError, StorageIoError
 */
export async function backUpFolder(
  config: AnnalsConfig,
  target: string,
  { signal, onBlob = () => undefined }: BackUpOptions,
): Promise<BackupManifest> {
  await checkEmpty(target)
  const folder = `${resolve(target)}.partial`
  await guardFileSystem(folder, 'remove', () => rm(folder, { recursive: true, force: true }))
  await makeFolder(folder)
  const databases = folderDatabases(config).filter(({ path, mayBeMissing }) => !mayBeMissing || existsSync(path))
  const takenAt = new Date().toISOString()
  await copyDatabases(databases.map(({ name, path, schema }) => ({ from: path, to: join(folder, name), schema })))
  const blobs = await copyBlobs(config, folder, signal, onBlob)
  const described: BackupManifest['databases'] = {}
  for (const { name } of databases) described[name] = await describeFile(join(folder, name))
  const manifest = newManifest({ takenAt, databases: described, blobs })
  await writeDurably(manifestFile(folder), `${JSON.stringify(manifest, undefined, 2)}\n`)
  await syncFolder(folder)
  await guardFileSystem(target, 'write', () => rename(folder, resolve(target)))
  await syncFolder(dirname(resolve(target)))
  return manifest
}

async function copyBlobs(
  config: AnnalsConfig,
  folder: string,
  signal: AbortSignal,
  onBlob: (blobs: number) => void,
): Promise<BackupManifest['blobs']> {
  const from = readFileBlobs({ folder: embeddedFiles(config).blobs })
  await using state = await openSqliteState({ path: embeddedFiles({ dataFolder: folder, channel: '' }).state })
  await using to = await openFileBlobs({ folder: blobFolder(folder) })
  const counts = { count: 0, sizeBytes: 0 }
  for await (const key of blobsOfState(state)) {
    signal.throwIfAborted()
    if (await to.has(key)) continue
    counts.sizeBytes += (await to.put(from.read(key))).sizeBytes
    counts.count += 1
    onBlob(counts.count)
  }
  return counts
}

/** @throws FolderNotEmptyError */
async function checkEmpty(folder: string): Promise<void> {
  const [found] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (found !== undefined) throw new FolderNotEmptyError(folder, found)
}

async function writeDurably(path: string, text: string): Promise<void> {
  await guardFileSystem(path, 'write', async () => {
    await using file = await open(path, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
  })
}
