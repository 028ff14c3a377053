import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NotADatabaseError, StorageClosedError, StorageIoError } from '@annals/sqlite'
import { spawnScript } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { InvalidDocumentIdError, InvalidMessageError, StoredDocumentError } from './errors.ts'
import { openFileBlobs } from './files/open-file-blobs.ts'
import { openSqliteMessages } from './sqlite/open-sqlite-messages.ts'
import { openSqliteState } from './sqlite/open-sqlite-state.ts'
import { collect, rejection } from './testing/collect.ts'
import { message } from './testing/message-store-contract.ts'

const newFolder = (): Promise<string> => temporaryFolder('storage')

describe('SQLite state', () => {
  it('refuses ids that it could not tell apart', async () => {
    await using store = await openSqliteState({ path: join(await newFolder(), 'state.db') })
    const collection = store.collection({ name: 'things', parse: (value) => value })
    for (const id of ['with \0 inside', 'half a \uD83D pair']) {
      for (const asked of [
        () => collection.get(id),
        () => collection.put(id, {}, 0),
        () => collection.delete(id, 1),
        () => collect(collection.list({ prefix: id })),
      ]) {
        const error = await rejection(asked())
        expect(error).toBeInstanceOf(InvalidDocumentIdError)
        expect(error).toMatchObject({ collection: 'things', id })
      }
    }
  })

  it('refuses a document that could not be read again', async () => {
    await using store = await openSqliteState({ path: join(await newFolder(), 'state.db') })
    const collection = store.collection<unknown>({
      name: 'numbers',
      parse: (value) => {
        if (typeof value !== 'number') throw new TypeError('no number')
        return value
      },
    })
    for (const value of [Number.NaN, 'text', undefined]) {
      expect(await rejection(collection.put('a', value, 0))).toBeInstanceOf(StoredDocumentError)
    }
    expect(await collection.get('a')).toBeUndefined()
  })

  it('is refused after closing, and what was asked before is done', async () => {
    const path = join(await newFolder(), 'state.db')
    const store = await openSqliteState({ path })
    const collection = store.collection({ name: 'things', parse: (value) => value })
    const asked = collection.put('a', 1, 0)
    await store[Symbol.asyncDispose]()
    expect(await asked).toMatchObject({ version: 1 })
    expect(await rejection(collection.get('a'))).toBeInstanceOf(StorageClosedError)
    expect(await rejection(collection.put('a', 2, 1))).toBeInstanceOf(StorageClosedError)
  })

  it('is not taken for the messages, nor they for it', async () => {
    const path = join(await newFolder(), 'state.db')
    await (await openSqliteState({ path }))[Symbol.asyncDispose]()
    const error = await rejection(openSqliteMessages({ path }))
    expect(error).toBeInstanceOf(NotADatabaseError)
    expect(error).toMatchObject({ path, expected: 'messages' })
  })
})

describe('SQLite messages', () => {
  it('refuses a batch with a message that it could not keep, and stores nothing of it', async () => {
    await using store = await openSqliteMessages({ path: join(await newFolder(), 'messages.db') })
    const good = message('good', 1)
    for (const [field, bad] of [
      ['timestamp', message('bad', -1)],
      ['timestamp', message('bad', 1.5)],
      ['timestamp', message('bad', 2 ** 60)],
      ['hash', message('bad', 1, { hash: new Uint8Array() })],
    ] as const) {
      const error = await rejection(store.ingest('community', [good, bad], 'pending'))
      expect(error).toBeInstanceOf(InvalidMessageError)
      expect(error).toMatchObject({ communityId: 'community', index: 1, field })
    }
    expect(await store.summary('community')).toMatchObject({ messages: 0 })
  })

  it('ends a deletion at the next opening that a crash interrupted', async () => {
    const path = join(await newFolder(), 'messages.db')
    {
      await using store = await openSqliteMessages({ path })
      await store.ingest('going', [message('a', 1)], 'pending')
      await store.ingest('staying', [message('a', 1)], 'pending')
    }
    const database = new DatabaseSync(path)
    database.exec("UPDATE communities SET name = NULL WHERE name = 'going'")
    database.close()
    {
      await using store = await openSqliteMessages({ path })
      expect(await store.summary('staying')).toMatchObject({ messages: 1, pending: 1 })
    }
    const after = new DatabaseSync(path)
    const counts = ['messages', 'pending', 'topics', 'communities'].map(
      (table) => after.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'],
    )
    after.close()
    expect(counts).toStrictEqual([1, 1, 1, 1])
  })
})

describe('file blobs', () => {
  it('removes the drafts that a crash left, and nothing else', async () => {
    const folder = await newFolder()
    const { key } = await (await openFileBlobs({ folder })).put([Uint8Array.of(1)])
    await writeFile(join(folder, 'tmp', 'draft'), 'half a blob')
    await using store = await openFileBlobs({ folder })
    expect(await readdir(join(folder, 'tmp'))).toStrictEqual([])
    expect(await store.has(key)).toBe(true)
  })

  it('does not list what is no blob', async () => {
    const folder = await newFolder()
    await using store = await openFileBlobs({ folder })
    const info = await store.put([Uint8Array.of(1)])
    await mkdir(join(folder, 'blobs', 'lost+found'))
    await writeFile(join(folder, 'blobs', info.key.slice(0, 2), 'notes.txt'), 'not ours')
    expect(await collect(store.list())).toMatchObject([info])
  })

  it('says which file could not be written, and leaves nothing of it', async () => {
    const folder = await newFolder()
    // A limit on the size of files stands for a disk that is full.
    const wrapper = ['/bin/sh', '-c', 'ulimit -f 64; exec "$0" "$@"']
    await using run = spawnScript(new URL('./files/testing/fill-disk.ts', import.meta.url), [folder], wrapper)
    expect(await run.ended()).toBe(0)
    expect(run.lines).toStrictEqual(['small stored', 'StorageIoError write EFBIG', 'blobs 1', 'drafts 0'])
  })

  it('says so when its folder cannot be made', async () => {
    const file = join(await newFolder(), 'file')
    await writeFile(file, '')
    const error = await rejection(openFileBlobs({ folder: join(file, 'blobs') }))
    expect(error).toBeInstanceOf(StorageIoError)
    expect(error).toMatchObject({ code: 'ENOTDIR' })
    expect(existsSync(file)).toBe(true)
  })
})
