import { openDatabase } from '../database.ts'
import { turns } from './turns.ts'
import { say } from './child-process.ts'

// Writes the same numbers into two databases, one after the other, until it is killed.
const databases = await Promise.all(process.argv.slice(2).map((path) => openDatabase({ path, schema: turns })))
const inserts = databases.map((database) => ({ database, insert: database.prepare('INSERT INTO turns VALUES (?)') }))
for (let number = 1; ; number++) {
  for (const { database, insert } of inserts) database.transaction(() => insert.run(number))
  say(String(number))
}
