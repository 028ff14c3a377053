import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreHarness } from './testing/store-harness.ts'

export interface FolderHarness<S> extends StoreHarness<S> {
  /** The folder of the store that was opened last. */
  folder(): string
}

/** A store in a temporary folder, which goes when the harness is disposed of. */
export async function openTestFolder<S extends AsyncDisposable>(
  openStore: (folder: string) => Promise<S>,
): Promise<FolderHarness<S>> {
  const root = await mkdtemp(join(tmpdir(), 'annals-store-'))
  const opened: S[] = []
  let folder = join(root, '0')
  const open = async (): Promise<S> => {
    const store = await openStore(folder)
    opened.push(store)
    return store
  }
  return {
    store: await open(),
    folder: () => folder,
    openSecond: open,
    async restart() {
      for (const store of opened) await store[Symbol.asyncDispose]()
      return open()
    },
    async crash() {
      // What is in the files at this moment is what a killed process leaves; the old store keeps the old files.
      const next = join(root, `${opened.length}`)
      await cp(folder, next, { recursive: true, preserveTimestamps: true })
      folder = next
      return open()
    },
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store[Symbol.asyncDispose]()
      await rm(root, { recursive: true })
    },
  }
}
