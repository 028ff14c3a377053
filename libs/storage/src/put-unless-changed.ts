import type { Collection, Versioned } from './state-store.ts'
import { VersionConflictError } from './errors.ts'

/** Writes a document, unless somebody wrote or claimed it since it was read. @returns whether it was written */
export async function putUnlessChanged<T>(
  collection: Collection<T>,
  { id, version }: Pick<Versioned<T>, 'id' | 'version'>,
  value: T,
): Promise<boolean> {
  try {
    await collection.put(id, value, version)
    return true
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error
    return false
  }
}
