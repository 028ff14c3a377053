import type { Collection, CollectionDefinition, StateStore, Versioned } from '@annals/storage'
import { VersionConflictError } from '@annals/storage'

interface Stored {
  version: number
  json: string
  heldUntil?: number
}

/** Documents in memory, as JSON, so that what a store would lose is lost here too. */
export class MemoryStore implements Pick<StateStore, 'collection'> {
  readonly documents = new Map<string, Map<string, Stored>>()

  collection<T>(definition: CollectionDefinition<T>): Collection<T> {
    const stored = this.documents.get(definition.name) ?? new Map<string, Stored>()
    this.documents.set(definition.name, stored)
    const read = (id: string, { version, json }: Stored): Versioned<T> => ({
      id,
      version,
      value: definition.parse(JSON.parse(json)),
    })
    const byMoment = (): { id: string; dueAt: number; freeAt: number; each: Stored }[] =>
      [...stored]
        .map(([id, each]) => ({ id, each, dueAt: definition.dueAt?.(read(id, each).value) ?? Infinity }))
        .map((row) => ({ ...row, freeAt: Math.max(row.dueAt, row.each.heldUntil ?? -Infinity) }))
        .filter(({ dueAt }) => dueAt < Infinity)
        .sort((one, other) => one.dueAt - other.dueAt)
    const check = (id: string, expectedVersion: number): void => {
      const version = stored.get(id)?.version ?? 0
      if (version !== expectedVersion) throw new VersionConflictError(definition.name, id, expectedVersion, version)
    }
    const collection: Collection<T> = {
      async get(id) {
        const each = stored.get(id)
        return each === undefined ? undefined : read(id, each)
      },
      async put(id, value, expectedVersion) {
        check(id, expectedVersion)
        const each = { version: expectedVersion + 1, json: JSON.stringify(value) }
        stored.set(id, each)
        return read(id, each)
      },
      putMany: (writes) =>
        Promise.all(
          writes.map(({ id, value, expectedVersion }) =>
            collection.put(id, value, expectedVersion).catch((error: unknown) => error as VersionConflictError),
          ),
        ),
      async delete(id, expectedVersion) {
        if (stored.has(id)) check(id, expectedVersion)
        stored.delete(id)
      },
      async *list({ prefix = '' } = {}) {
        const ids = [...stored.keys()]
          .filter((id) => id.startsWith(prefix))
          .sort((one, other) => (one < other ? -1 : 1))
        for (const id of ids) yield read(id, stored.get(id) as Stored)
      },
      async claimDue({ now, leaseSeconds }) {
        const due = byMoment().find(({ freeAt }) => freeAt <= now)
        if (due === undefined) return undefined
        due.each.version += 1
        due.each.heldUntil = now + leaseSeconds
        return read(due.id, due.each)
      },
      async claimDueMany(claim, limit) {
        const claimed: Versioned<T>[] = []
        while (claimed.length < limit) {
          const next = await collection.claimDue(claim)
          if (next === undefined) break
          claimed.push(next)
        }
        return claimed
      },
      async extendClaim({ id, version }, { now, leaseSeconds }) {
        check(id, version)
        const each = stored.get(id)
        if (each !== undefined) each.heldUntil = now + leaseSeconds
      },
      async nextDueAt() {
        const moments = byMoment().map(({ freeAt }) => freeAt)
        return moments.length === 0 ? undefined : Math.min(...moments)
      },
    }
    return collection
  }
}
