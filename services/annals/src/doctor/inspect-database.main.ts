import type { ExpectedDatabase } from '@annals/sqlite'
import { inspectDatabase } from '@annals/sqlite'
import type { InspectionAnswer } from './inspect-in-process.ts'

// Reads the database that the command line names and describes, and says what it found.
const [path = '', expected = ''] = process.argv.slice(2)
let answer: InspectionAnswer
try {
  answer = inspectDatabase(path, JSON.parse(expected) as ExpectedDatabase)
} catch (error) {
  const { name, message, code } = error as NodeJS.ErrnoException
  answer = { error: { name, message, ...(code !== undefined && { code }) } }
}
process.stdout.write(JSON.stringify(answer))
