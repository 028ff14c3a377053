import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { guardFileSystem } from '@annals/sqlite'
import type { DatabaseSchema } from '@annals/sqlite'
import { z } from 'zod'
import type { AnnalsConfig } from '../config.ts'
import { embeddedDatabases, embeddedFiles } from '../engines/embedded-files.ts'
import { BackupUnusableError } from './backup-errors.ts'

const format = 'annals-backup-1'

const schema = z.object({
  format: z.literal(format),
  /** When the databases were as they are in it, ISO 8601, of the machine's clock. */
  takenAt: z.string(),
  /** By their paths in the data folder. */
  databases: z.record(z.string(), z.object({ sizeBytes: z.number(), sha256: z.string() })),
  /** Those that the state refers to. */
  blobs: z.object({ count: z.number(), sizeBytes: z.number() }),
})

/** What stands in `backup.json`, which is written last. */
export type BackupManifest = z.infer<typeof schema>

export const manifestFile = (folder: string): string => join(folder, 'backup.json')
export const blobFolder = (folder: string): string => join(folder, 'blobs')

export function newManifest(content: Omit<BackupManifest, 'format'>): BackupManifest {
  return { format, ...content }
}

/** @throws BackupUnusableError */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const path = manifestFile(folder)
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new BackupUnusableError(folder, 'its backup.json is missing, or none of this version', { cause: error })
  }
}

export interface FolderDatabase {
  /** In the data folder. */
  readonly name: string
  readonly path: string
  readonly schema: DatabaseSchema
  /** The channel's: it may be elsewhere, by the settings of the node. */
  readonly mayBeMissing: boolean
}

/** The databases that stand in the data folder. A channel elsewhere is shared with other nodes, and is theirs as well. */
export function folderDatabases(config: Pick<AnnalsConfig, 'dataFolder' | 'channel'>): FolderDatabase[] {
  return embeddedDatabases(config).flatMap(({ path, schema }) => {
    const name = relative(config.dataFolder, path)
    const mayBeMissing = dirname(path) === embeddedFiles(config).channel
    return name.startsWith('..') || isAbsolute(name) ? [] : [{ name, path, schema, mayBeMissing }]
  })
}

/** Size and hash of a file. @throws StorageIoError */
export async function describeFile(path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  await guardFileSystem(path, 'read', async () => {
    for await (const part of createReadStream(path)) {
      hash.update(part as Buffer)
      sizeBytes += (part as Buffer).length
    }
  })
  return { sizeBytes, sha256: hash.digest('hex') }
}
