// Writes what of the manifests follows from the code; with --check it only says whether that would change anything.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generatedFiles } from './generated-files.ts'

const root = join(import.meta.dirname, '..', '..')
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

for (const { path, text } of generatedFiles()) {
  if (!values.check) writeFileSync(join(root, path), text)
  else if (readFileSync(join(root, path), 'utf8') !== text) {
    process.stderr.write(`${path} is not what the code says: run "node deploy/kubernetes/generate.ts"\n`)
    process.exitCode = 1
  }
}
