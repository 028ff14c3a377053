import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageIoError } from '@annals/sqlite'
import { say } from '@annals/sqlite/testing'
import { collect } from '../../testing/collect.ts'
import { openFileBlobs } from '../open-file-blobs.ts'

// Puts a blob that fits and one that does not, and says what came of them.
const [folder = ''] = process.argv.slice(2)
await using store = await openFileBlobs({ folder })
await store.put([Uint8Array.of(1)])
say('small stored')
try {
  await store.put(Array.from({ length: 40 }, () => new Uint8Array(10_000)))
} catch (error) {
  if (!(error instanceof StorageIoError)) throw error
  say(`${error.name} ${error.operation} ${error.code}`)
}
say(`blobs ${(await collect(store.list())).length}`)
say(`drafts ${(await readdir(join(folder, 'tmp'))).length}`)
