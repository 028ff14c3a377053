import type { Collection, Versioned } from './state-store.ts'
import { VersionConflictError } from './errors.ts'

/**
 * Reads, changes and writes a document; starts over where somebody else wrote in between. Nothing is written where
 * `change` answers the very value it was given, so that a claim on the document stays, or `undefined`.
 */
export async function updateDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T,
): Promise<Versioned<T>>
export async function updateDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T | undefined,
): Promise<Versioned<T> | undefined>
export async function updateDocument<T>(
  collection: Collection<T>,
  id: string,
  change: (value: T | undefined) => T | undefined,
): Promise<Versioned<T> | undefined> {
  for (;;) {
    const row = await collection.get(id)
    const next = change(row?.value)
    if (next === undefined || next === row?.value) return row
    try {
      return await collection.put(id, next, row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
