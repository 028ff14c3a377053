import type { Collection, Versioned } from '@annals/storage'
import { VersionConflictError } from '@annals/storage'

/** Reads, changes and writes a document; starts over where somebody else wrote in between. */
export async function updateDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T,
): Promise<Versioned<T>> {
  for (;;) {
    const row = await collection.get(id)
    try {
      return await collection.put(id, change(row?.value), row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
