import { openDatabase } from '../database.ts'

// Opens a database, perhaps as the first, and adds to it.
const [path = '', word = ''] = process.argv.slice(2)
const database = await openDatabase({
  path,
  schema: { kind: 'words', applicationId: 0x616e_7474, migrations: ['CREATE TABLE words (word TEXT PRIMARY KEY)'] },
})
const insert = database.prepare('INSERT INTO words VALUES (?)')
database.transaction(() => insert.run(word))
database.close()
