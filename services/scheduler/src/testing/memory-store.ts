import type { Claim, Collection, CollectionDefinition, StateStore, Versioned } from '@annals/storage'

class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError'
}

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
    const free = (claimedAt?: number): { id: string; dueAt: number; each: Stored }[] =>
      [...stored]
        .map(([id, each]) => ({ id, each, dueAt: definition.dueAt?.(read(id, each).value) ?? Infinity }))
        .filter(({ each, dueAt }) => dueAt < Infinity && (each.heldUntil ?? -Infinity) <= (claimedAt ?? -Infinity))
        .sort((one, other) => one.dueAt - other.dueAt)
    const check = (id: string, expectedVersion: number): void => {
      if ((stored.get(id)?.version ?? 0) !== expectedVersion) throw new VersionConflictError(id)
    }
    return {
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
      async claimDue({ now, leaseSeconds }: Claim) {
        const due = free(now).find(({ dueAt }) => dueAt <= now)
        if (due === undefined) return undefined
        due.each.version += 1
        due.each.heldUntil = now + leaseSeconds
        return read(due.id, due.each)
      },
      async nextDueAt() {
        return free()[0]?.dueAt
      },
    }
  }
}
