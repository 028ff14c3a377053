import { openDatabase } from '../database.ts'
import { StorageIoError } from '../storage-errors.ts'
import { say } from './child-process.ts'

// Writes until the disk refuses, and says what was acknowledged and then how it was refused.
const database = await openDatabase({
  path: process.argv[2] ?? '',
  schema: { kind: 'words', applicationId: 0x616e_7474, migrations: ['CREATE TABLE words (word TEXT PRIMARY KEY)'] },
})
const insert = database.prepare('INSERT INTO words VALUES (?)')
const count = database.prepare('SELECT count(*) AS words FROM words')
try {
  for (let number = 0; ; number++) {
    database.transaction(() => insert.run(`${number} ${'x'.repeat(10_000)}`))
    say(`word ${number}`)
  }
} catch (error) {
  if (!(error instanceof StorageIoError)) throw error
  const words = Number(database.read(() => count.get())?.['words'])
  say(`${error.name} ${error.operation} ${error.code} ${words}`)
}
database.close()
