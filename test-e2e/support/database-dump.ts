import type { MongoLink } from '@annals/storage/mongo'

/** Documents by collection, as `mongodump` writes them; it writes the indexes as well, which Annals makes by itself. */
export type DatabaseDump = ReadonlyMap<string, readonly object[]>

export async function dumpDatabase({ database }: MongoLink): Promise<DatabaseDump> {
  const dump = new Map<string, readonly object[]>()
  for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray())
    dump.set(name, await database.collection(name).find({}, { promoteValues: false }).toArray())
  return dump
}

export async function restoreDatabase({ database }: MongoLink, dump: DatabaseDump): Promise<void> {
  for (const [name, documents] of dump)
    if (documents.length > 0) await database.collection(name).insertMany([...documents])
}
