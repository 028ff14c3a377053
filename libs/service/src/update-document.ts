import type { Collection, Versioned } from '@annals/storage'
import { VersionConflictError } from '@annals/storage'

/**
 * Reads, changes and writes a document; starts over where somebody else wrote in between. Where `change` answers the
 * very value it was given, nothing is written, so that a claim on the document stays.
 */
export async function updateDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T,
): Promise<Versioned<T>> {
  for (;;) {
    const row = await collection.get(id)
    const next = change(row?.value)
    if (row !== undefined && next === row.value) return row
    try {
      return await collection.put(id, next, row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
