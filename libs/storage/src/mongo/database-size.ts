import type { MongoLink } from './mongo-link.ts'

/** How large a database is, bytes. */
export interface DatabaseSize {
  readonly collections: number
  /** With its indexes, on disk. */
  readonly totalBytes: number
  /** Of the file system that it is on; absent where the server does not say. */
  readonly disk?: { readonly totalBytes: number; readonly usedBytes: number }
}

interface DbStats {
  readonly collections: number
  readonly storageSize: number
  readonly indexSize: number
  readonly fsTotalSize?: number
  readonly fsUsedSize?: number
}

/** @throws as `MongoLink.run` */
export async function databaseSize(link: MongoLink): Promise<DatabaseSize> {
  const stats = await link.run('ask for the size', async () => {
    return (await link.database.command({ dbStats: 1 })) as unknown as DbStats
  })
  const { collections, storageSize, indexSize, fsTotalSize: totalBytes, fsUsedSize: usedBytes } = stats
  const disk = totalBytes === undefined || usedBytes === undefined ? undefined : { totalBytes, usedBytes }
  return { collections, totalBytes: storageSize + indexSize, ...(disk && { disk }) }
}
