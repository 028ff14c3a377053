import { MongoServerError, type Db, type Document } from 'mongodb'
import { duplicateKey } from './mongo-errors.ts'

// The server's own commands: the driver's bulk writes measure each document before they write it, which takes a fifth
// of the time, and hide what went wrong with a connection in an error of another kind.

interface WriteAnswer {
  readonly n: number
  readonly writeErrors?: readonly WriteError[]
  readonly writeConcernError?: { readonly code: number; readonly errmsg?: string }
}

interface WriteError {
  readonly index: number
  readonly code: number
  readonly errmsg?: string
}

/**
 * Inserts all documents that are not there, and answers the places of those that were.
 * @throws MongoServerError for any other reason that one could not be inserted; the others may be there then
 */
export async function insertUnordered(
  database: Db,
  collection: string,
  documents: readonly Document[],
): Promise<readonly number[]> {
  const answer = await write(database, { insert: collection, documents })
  const other = answer.writeErrors?.find(({ code }) => code !== duplicateKey)
  if (other !== undefined) throw toError(other)
  return (answer.writeErrors ?? []).map(({ index }) => index)
}

/**
 * Puts each document in the place of the one that its filter finds, and answers how many found one.
 * @throws MongoServerError if one could not be written; the others may be
 */
export async function replaceUnordered(
  database: Db,
  collection: string,
  replacements: readonly { readonly filter: Document; readonly document: Document }[],
): Promise<number> {
  const updates = replacements.map(({ filter, document }) => ({ q: filter, u: document }))
  const answer = await write(database, { update: collection, updates })
  const [error] = answer.writeErrors ?? []
  if (error !== undefined) throw toError(error)
  return answer.n
}

async function write(database: Db, command: Document): Promise<WriteAnswer> {
  const answer = (await database.command({
    ...command,
    ordered: false,
    writeConcern: { w: 'majority', j: true },
  })) as WriteAnswer
  // It is written, and may yet be undone.
  if (answer.writeConcernError !== undefined) throw toError(answer.writeConcernError)
  return answer
}

function toError({ code, errmsg }: { readonly code: number; readonly errmsg?: string }): MongoServerError {
  return new MongoServerError({ code, errmsg: errmsg ?? 'no reason given' })
}
