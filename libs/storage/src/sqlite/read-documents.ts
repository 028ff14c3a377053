import { DatabaseSync } from 'node:sqlite'
import { StoredDocumentError } from '../errors.ts'
import type { CollectionDefinition } from '../state-store.ts'

/**
 * Reads a collection out of the file of an embedded state store, for who looks at it from outside; also while a node works on it.
 * Writes nothing.
 * @throws StoredDocumentError; SQLite's own errors where the file is none, or cannot be read
 */
export function readDocuments<T>(
  path: string,
  definition: CollectionDefinition<T>,
): { readonly id: string; readonly value: T }[] {
  const { name } = definition
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  try {
    const rows = database.prepare('SELECT id, value FROM documents WHERE collection = ? ORDER BY id').all(name)
    return rows.map((row) => {
      const id = String(row['id'])
      try {
        return { id, value: definition.parse(JSON.parse(String(row['value']))) }
      } catch (error) {
        throw new StoredDocumentError(name, id, error)
      }
    })
  } finally {
    database.close()
  }
}
