import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { copyDatabases } from './copy-databases.ts'
import { openDatabase } from './database.ts'
import { inspectDatabase } from './inspect-database.ts'
import { NotADatabaseError, StorageIoError } from './storage-errors.ts'
import { spawnScript } from './testing/child-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { turns } from './testing/turns.ts'

const writer = new URL('./testing/write-in-turn.ts', import.meta.url)
const newFolder = (): Promise<string> => temporaryFolder('copies')

function newest(path: string): number {
  using stack = new DisposableStack()
  const database = stack.adopt(new DatabaseSync(path, { readOnly: true }), (each) => each.close())
  return Number(database.prepare('SELECT max(number) AS number FROM turns').get()?.['number'])
}

describe('copyDatabases', () => {
  it('copies files as they are at one moment while a process writes them, in whichever order they are named', async () => {
    const folder = await newFolder()
    const [first, second] = [join(folder, 'first.db'), join(folder, 'second.db')]
    await using run = spawnScript(writer, [first, second])
    for (let round = 1; round <= 10; round += 1) {
      await run.untilLines(run.lines.length + 1)
      const sources = round % 2 === 0 ? [first, second] : [second, first]
      const copies = sources.map((from) => ({ from, to: `${from}.copy-${round}`, schema: turns }))
      await copyDatabases(copies)
      const ahead = newest(`${first}.copy-${round}`) - newest(`${second}.copy-${round}`)
      expect([0, 1]).toContain(ahead)
      for (const { to } of copies)
        expect(inspectDatabase(to, { ...turns, knownVersion: 1 })).toEqual({ schemaVersion: 1, damages: [] })
    }
  })

  it('lets the writer go on while it copies, and a copy can be written to', async () => {
    const folder = await newFolder()
    const from = join(folder, 'a.db')
    const to = join(folder, 'copies', 'a.db')
    const database = await openDatabase({ path: from, schema: turns })
    const insert = (number: number): unknown =>
      database.transaction(() => database.prepare('INSERT INTO turns VALUES (?)').run(number))
    insert(1)
    const copying = copyDatabases([{ from, to, schema: turns }])
    insert(2)
    await copying
    insert(3)
    database.close()
    const copy = await openDatabase({ path: to, schema: turns })
    copy.transaction(() => copy.prepare('INSERT INTO turns VALUES (?)').run(100))
    copy.close()
    expect([newest(from), newest(to)]).toEqual([3, 100])
  })

  it('makes no file of one that is not there, and copies none of another kind', async () => {
    const folder = await newFolder()
    const missing = join(folder, 'missing.db')
    const to = join(folder, 'copy.db')
    const absent = await copyDatabases([{ from: missing, to, schema: turns }]).catch((error: unknown) => error)
    expect(absent).toBeInstanceOf(StorageIoError)
    expect(absent).toMatchObject({ path: missing, code: 'ENOENT' })
    const other = join(folder, 'other.db')
    await writeFile(other, 'no database at all, and long enough to be looked at')
    const foreign = await copyDatabases([{ from: other, to, schema: turns }]).catch((error: unknown) => error)
    expect(foreign).toBeInstanceOf(NotADatabaseError)
    expect([missing, to].map((path) => existsSync(path))).toEqual([false, false])
  })
})
