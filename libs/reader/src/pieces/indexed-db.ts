/**
 * What this package uses of IndexedDB, with which the browser's own types agree: the project is checked with Node's types,
 * which do not have it.
 */
export interface IndexedDbFactory {
  open(name: string, version: number): IndexedDbRequest<IndexedDb>
}

export interface IndexedDbRequest<T> extends Listening {
  readonly result: T
  readonly error: Error | null
}

export interface IndexedDb extends Listening {
  transaction(stores: string[], mode: 'readonly' | 'readwrite'): IndexedDbTransaction
  createObjectStore(name: string): unknown
  close(): void
}

export interface IndexedDbTransaction extends Listening {
  readonly error: Error | null
  objectStore(name: string): IndexedDbStore
  abort(): void
}

export interface IndexedDbStore {
  get(key: unknown): IndexedDbRequest<unknown>
  put(value: unknown, key: unknown): IndexedDbRequest<unknown>
  delete(key: unknown): IndexedDbRequest<unknown>
  getAllKeys(): IndexedDbRequest<unknown[]>
}

interface Listening {
  addEventListener(type: string, listener: () => void): void
}
