import type { Collection, Versioned } from '@annals/storage'
import { VersionConflictError } from '@annals/storage'

/**
 * Reads, changes and writes a document; starts over where somebody else wrote in between. Nothing is written where
 * `change` answers `undefined`.
 */
export async function changeDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T | undefined,
): Promise<Versioned<T> | undefined> {
  for (;;) {
    const row = await collection.get(id)
    const next = change(row?.value)
    if (next === undefined) return row
    try {
      return await collection.put(id, next, row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
