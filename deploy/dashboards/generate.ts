// Writes the dashboards and the alert rules anew from the code; with --check it only says whether that would change
// anything.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rulesFile, rulesFileName, ruleTestsFile } from '../alerts/rules-file.ts'
import { dashboards } from './dashboards.ts'

const deploy = join(import.meta.dirname, '..')
const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values

const files: readonly (readonly [path: string, text: string])[] = [
  ...dashboards.map(
    (dashboard) =>
      [`dashboards/generated/${dashboard.uid}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`] as const,
  ),
  [`alerts/${rulesFileName}`, rulesFile()],
  ['alerts/annals.rules.test.yaml', ruleTestsFile()],
]

for (const [path, text] of files) {
  const file = join(deploy, path)
  if (!check) writeFileSync(file, text)
  else if (readOrNothing(file) !== text) {
    process.stderr.write(`deploy/${path} is not what the code says: run "node deploy/dashboards/generate.ts"\n`)
    process.exitCode = 1
  }
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
