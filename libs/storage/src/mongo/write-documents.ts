import type { Collection, Db } from 'mongodb'
import { isDuplicateKey } from './mongo-errors.ts'
import type { MongoLink } from './mongo-link.ts'
import type { StateDocument } from './state-documents.ts'
import { insertUnordered, replaceUnordered } from './unordered-writes.ts'

/** A document on its way, and the version that it must have had. */
export interface PreparedWrite {
  readonly expectedVersion: number
  readonly document: StateDocument
}

/** What goes with one command. */
const slice = { rows: 1000, bytes: 8 * 1024 * 1024 }

/**
 * Writes one document. Answers the version that it has instead of the expected one (0: does not exist), and nothing
 * where it was written. When the connection breaks, it is written again, and known by its token if the first time was
 * not in vain.
 */
export async function writeOne(
  link: MongoLink,
  documents: Collection<StateDocument>,
  { expectedVersion, document }: PreparedWrite,
): Promise<number | undefined> {
  return link.run(
    `put to ${documents.collectionName}`,
    async () => {
      if (await attempt(documents, expectedVersion, document)) return undefined
      const { _id } = document
      const found = await documents.findOne({ _id }, { projection: { version: 1, write: 1 } })
      return isWrite(found, document) ? undefined : (found?.version ?? 0)
    },
    { repeatable: true },
  )
}

async function attempt(
  documents: Collection<StateDocument>,
  expectedVersion: number,
  document: StateDocument,
): Promise<boolean> {
  if (expectedVersion > 0) {
    const { matchedCount } = await documents.replaceOne({ _id: document._id, version: expectedVersion }, document)
    return matchedCount > 0
  }
  try {
    await documents.insertOne(document)
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}

/** Writes many, each for itself. Answers the versions that stand in the way, of those that were not written. */
export async function writeMany(
  link: MongoLink,
  documents: Collection<StateDocument>,
  writes: readonly PreparedWrite[],
): Promise<ReadonlyMap<PreparedWrite, number>> {
  const conflicts = new Map<PreparedWrite, number>()
  // In one order, so that no two wait for each other.
  const sorted = writes.toSorted((a, b) => (a.document._id < b.document._id ? -1 : 1))
  for (const some of slices(sorted)) {
    const found = await link.run(
      `put to ${documents.collectionName}`,
      () => writeSome(link.database, documents, some),
      {
        repeatable: true,
      },
    )
    for (const [write, version] of found) conflicts.set(write, version)
  }
  return conflicts
}

async function writeSome(
  database: Db,
  documents: Collection<StateDocument>,
  writes: readonly PreparedWrite[],
): Promise<(readonly [PreparedWrite, number])[]> {
  const name = documents.collectionName
  const inserts = writes.filter(({ expectedVersion }) => expectedVersion === 0).map(({ document }) => document)
  const replacements = writes
    .filter(({ expectedVersion }) => expectedVersion > 0)
    .map(({ expectedVersion: version, document }) => ({ filter: { _id: document._id, version }, document }))
  const known = inserts.length === 0 ? [] : await insertUnordered(database, name, inserts)
  const replaced = replacements.length === 0 ? 0 : await replaceUnordered(database, name, replacements)
  if (known.length === 0 && replaced === replacements.length) return []
  // The server does not say which were refused.
  const ids = writes.map(({ document }) => document._id)
  const found = await documents.find({ _id: { $in: ids } }, { projection: { version: 1, write: 1 } }).toArray()
  const byId = new Map(found.map((each) => [each._id, each]))
  return writes.flatMap((write) => {
    const each = byId.get(write.document._id)
    return isWrite(each, write.document) ? [] : [[write, each?.version ?? 0] as const]
  })
}

function isWrite(found: Pick<StateDocument, 'write'> | null | undefined, document: StateDocument): boolean {
  return found?.write.equals(document.write) ?? false
}

function* slices(writes: readonly PreparedWrite[]): Iterable<readonly PreparedWrite[]> {
  let some: PreparedWrite[] = []
  let bytes = 0
  for (const write of writes) {
    bytes += write.document.value.length
    if (some.length >= slice.rows || (some.length > 0 && bytes > slice.bytes)) {
      yield some
      some = []
      bytes = write.document.value.length
    }
    some.push(write)
  }
  if (some.length > 0) yield some
}
