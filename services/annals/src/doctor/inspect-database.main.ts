import { inspectDatabase } from '@annals/sqlite'
import { embeddedDatabases } from '@annals/service'
import type { InspectionAnswer } from './inspect-in-process.ts'

// Reads the database whose path and kind the command line names, and says what it found.
const [path = '', kind = ''] = process.argv.slice(2)
const schema = embeddedDatabases({ dataFolder: '', channel: '' }).find((each) => each.schema.kind === kind)?.schema
let answer: InspectionAnswer
try {
  if (schema === undefined) throw new Error(`there is no database of the kind "${kind}"`)
  answer = inspectDatabase(path, schema)
} catch (error) {
  const { name, message, code } = error as NodeJS.ErrnoException
  answer = { error: { name, message, ...(code !== undefined && { code }) } }
}
process.stdout.write(JSON.stringify(answer))
