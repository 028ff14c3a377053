import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase, type Database, type DatabaseSchema } from './database.ts'
import { GroupCommit } from './group-commit.ts'
import { NotADatabaseError, SchemaTooNewError, StorageClosedError, StorageIoError } from './storage-errors.ts'
import { spawnScript } from './testing/child-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const schema: DatabaseSchema = {
  kind: 'words',
  applicationId: 0x616e_7474,
  migrations: ['CREATE TABLE words (word TEXT PRIMARY KEY)'],
}

const newPath = async (): Promise<string> => join(await temporaryFolder('sqlite'), 'words.db')

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

function words(database: Database): unknown[] {
  const statement = database.prepare('SELECT word FROM words ORDER BY word')
  return database.read(() => statement.all()).map((row) => row['word'])
}

describe('openDatabase', () => {
  it('refuses a file that a newer version wrote', async () => {
    const path = await newPath()
    const newer = { ...schema, migrations: [...schema.migrations, 'CREATE TABLE more (word TEXT)'] }
    ;(await openDatabase({ path, schema: newer })).close()
    const error = await refusal(openDatabase({ path, schema }))
    expect(error).toBeInstanceOf(SchemaTooNewError)
    expect(error).toMatchObject({ path, foundVersion: 2, knownVersion: 1 })
  })

  it('brings a file of an older version up to date and keeps what is in it', async () => {
    const path = await newPath()
    const old = await openDatabase({ path, schema })
    old.transaction(() => old.prepare("INSERT INTO words VALUES ('kept')").run())
    old.close()
    const newer = { ...schema, migrations: [...schema.migrations, "INSERT INTO words VALUES ('added')"] }
    const database = await openDatabase({ path, schema: newer })
    expect(words(database)).toStrictEqual(['added', 'kept'])
    database.close()
    const again = await openDatabase({ path, schema: newer })
    expect(words(again)).toStrictEqual(['added', 'kept'])
    again.close()
  })

  it('refuses a file that is no database, and leaves it as it is', async () => {
    const path = await newPath()
    await writeFile(path, 'just a text that somebody put here'.repeat(50))
    const error = await refusal(openDatabase({ path, schema }))
    expect(error).toBeInstanceOf(NotADatabaseError)
    expect(error).toMatchObject({ path, expected: 'words' })
  })

  it('refuses a database of another kind', async () => {
    const path = await newPath()
    ;(await openDatabase({ path, schema: { ...schema, applicationId: 7 } })).close()
    expect(await refusal(openDatabase({ path, schema }))).toBeInstanceOf(NotADatabaseError)
    const foreign = await newPath()
    ;(await openDatabase({ path: foreign, schema: { ...schema, applicationId: 0 } })).close()
    expect(await refusal(openDatabase({ path: foreign, schema }))).toBeInstanceOf(NotADatabaseError)
  })

  it('says so when the file cannot be opened', async () => {
    const path = await newPath()
    await writeFile(path, '')
    const error = await refusal(openDatabase({ path: join(path, 'below-a-file.db'), schema }))
    expect(error).toBeInstanceOf(StorageIoError)
    expect(error).toMatchObject({ path, code: 'EEXIST' })
  })

  it('can be made by several processes at the same moment', async () => {
    const path = await newPath()
    const script = new URL('./testing/open-database.ts', import.meta.url)
    const runs = Array.from({ length: 4 }, (_, index) => spawnScript(script, [path, String(index)]))
    expect(await Promise.all(runs.map((run) => run.ended()))).toStrictEqual([0, 0, 0, 0])
  })
})

describe('a transaction', () => {
  it('undoes everything when its work throws', async () => {
    const database = await openDatabase({ path: await newPath(), schema })
    const insert = database.prepare('INSERT INTO words VALUES (?)')
    const failure = new Error('half way')
    expect(() =>
      database.transaction(() => {
        insert.run('a')
        throw failure
      }),
    ).toThrow(failure)
    expect(words(database)).toStrictEqual([])
    database.transaction(() => insert.run('b'), 'process')
    expect(words(database)).toStrictEqual(['b'])
    database.close()
  })

  it('is refused after closing', async () => {
    const path = await newPath()
    const database = await openDatabase({ path, schema })
    database.close()
    database.close()
    expect(() => database.transaction(() => 1)).toThrow(StorageClosedError)
    expect(() => database.read(() => 1)).toThrow(StorageClosedError)
  })

  it('says that the disk refuses, undoes everything, and works again when there is room', async () => {
    const path = await newPath()
    // A limit on the size of files stands for a disk that is full.
    const wrapper = ['/bin/sh', '-c', 'ulimit -f 512; exec "$0" "$@"']
    await using run = spawnScript(new URL('./testing/fill-database.ts', import.meta.url), [path], wrapper)
    expect(await run.ended()).toBe(0)
    expect(run.lines.at(-1)).toMatch(/^StorageIoError write SQLITE_(FULL|IOERR) \d+$/)
    const acknowledged = run.lines.filter((line) => line.startsWith('word '))
    expect(acknowledged.length).toBeGreaterThan(0)
    const database = await openDatabase({ path, schema })
    expect(words(database)).toHaveLength(acknowledged.length)
    database.transaction(() => database.prepare("INSERT INTO words VALUES ('room again')").run())
    database.close()
  })
})

describe('GroupCommit', () => {
  it('gives everyone the answer of the own work, and one the error of the own work', async () => {
    const database = await openDatabase({ path: await newPath(), schema })
    let commits = 0
    const group = new GroupCommit(database, () => {
      commits += 1
    })
    const insert = database.prepare('INSERT INTO words VALUES (?)')
    const failure = new Error('refused before it wrote')
    const add = (word: string): Promise<string> =>
      group.run(() => {
        if (word === 'b') throw failure
        insert.run(word)
        return word
      })
    const answers = await Promise.allSettled(['a', 'b', 'c'].map(add))
    expect(answers).toStrictEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: 'c' },
    ])
    expect(commits).toBe(1)
    expect(words(database)).toStrictEqual(['a', 'c'])
    database.close()
  })

  it('writes nothing of a group in which the database refuses a work', async () => {
    const database = await openDatabase({ path: await newPath(), schema })
    const group = new GroupCommit(database)
    const insert = database.prepare('INSERT INTO words VALUES (?)')
    const answers = await Promise.allSettled(['a', 'a', 'c'].map((word) => group.run(() => insert.run(word))))
    expect(answers.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'rejected'])
    expect(words(database)).toStrictEqual([])
    expect(await group.run(() => insert.run('later').changes)).toBe(1)
    database.close()
  })

  it('refuses what comes after closing', async () => {
    const database = await openDatabase({ path: await newPath(), schema })
    const group = new GroupCommit(database)
    const asked = group.run(() => 1)
    database.close()
    expect(await refusal(asked)).toBeInstanceOf(StorageClosedError)
  })
})
