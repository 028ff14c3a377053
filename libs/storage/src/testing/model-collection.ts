import { VersionConflictError } from '../errors.ts'
import type { Claim, Collection, CollectionDefinition, Versioned, Write } from '../state-store.ts'

interface Held<T> {
  readonly id: string
  readonly version: number
  readonly value: T
  readonly heldUntil: number
  readonly owner: string | undefined
}

/** A collection as the port describes it, in plain words: for comparing adapters with. */
export class ModelCollection<T> implements Collection<T> {
  readonly #definition: CollectionDefinition<T>
  readonly #documents = new Map<string, Held<T>>()

  constructor(definition: CollectionDefinition<T>) {
    this.#definition = definition
  }

  async get(id: string): Promise<Versioned<T> | undefined> {
    const found = this.#documents.get(id)
    return found && shown(found)
  }

  async put(id: string, value: T, expectedVersion: number): Promise<Versioned<T>> {
    this.#check(id, expectedVersion)
    return this.#set({ id, version: expectedVersion + 1, value, heldUntil: -Infinity, owner: undefined })
  }

  async putMany(writes: readonly Write<T>[]): Promise<readonly (Versioned<T> | VersionConflictError)[]> {
    return Promise.all(
      writes.map(({ id, value, expectedVersion }) =>
        this.put(id, value, expectedVersion).catch((error: unknown) => error as VersionConflictError),
      ),
    )
  }

  async delete(id: string, expectedVersion: number): Promise<void> {
    if (!this.#documents.has(id)) return
    this.#check(id, expectedVersion)
    this.#documents.delete(id)
  }

  async *list(options: { readonly prefix?: string } = {}): AsyncIterable<Versioned<T>> {
    const ids = [...this.#documents.keys()].filter((id) => id.startsWith(options.prefix ?? ''))
    for (const id of ids.sort(byCodePoints)) yield shown(this.#documents.get(id)!)
  }

  async claimDue({ owner, now, leaseSeconds }: Claim): Promise<Versioned<T> | undefined> {
    const [first] = this.#withDue()
      .filter(({ dueAt, document }) => dueAt <= now && document.heldUntil <= now)
      .sort((a, b) => a.dueAt - b.dueAt || byCodePoints(a.document.id, b.document.id))
    if (first === undefined) return undefined
    const { document } = first
    return this.#set({ ...document, version: document.version + 1, heldUntil: now + leaseSeconds, owner })
  }

  async claimDueMany(claim: Claim, limit: number): Promise<readonly Versioned<T>[]> {
    const claimed: Versioned<T>[] = []
    while (claimed.length < limit) {
      const next = await this.claimDue(claim)
      if (next === undefined) break
      claimed.push(next)
    }
    return claimed
  }

  async extendClaim(row: Versioned<T>, { owner, now, leaseSeconds }: Claim): Promise<void> {
    this.#check(row.id, row.version)
    const held = this.#documents.get(row.id)
    if (held?.owner !== owner) throw new VersionConflictError(this.#definition.name, row.id, row.version, row.version)
    this.#set({ ...held, heldUntil: now + leaseSeconds })
  }

  async nextDueAt(): Promise<number | undefined> {
    const moments = this.#withDue().map(({ dueAt, document }) => Math.max(dueAt, document.heldUntil))
    return moments.length === 0 ? undefined : Math.min(...moments)
  }

  #withDue(): { readonly dueAt: number; readonly document: Held<T> }[] {
    return [...this.#documents.values()].flatMap((document) => {
      const dueAt = this.#definition.dueAt?.(document.value)
      return dueAt === undefined ? [] : [{ dueAt, document }]
    })
  }

  #check(id: string, expectedVersion: number): void {
    const actual = this.#documents.get(id)?.version ?? 0
    if (actual !== expectedVersion) throw new VersionConflictError(this.#definition.name, id, expectedVersion, actual)
  }

  #set(document: Held<T>): Versioned<T> {
    this.#documents.set(document.id, document)
    return shown(document)
  }
}

function shown<T>({ id, version, value }: Held<T>): Versioned<T> {
  return { id, version, value }
}

/** The order of ids: UTF-8 keeps that of code points, which UTF-16 does not. */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
