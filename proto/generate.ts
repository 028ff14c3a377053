// Writes proto/generated anew from the .proto files. The generated files are committed, so that nothing has to be
// generated before the program runs; the tests fail when they differ from what this makes.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
rmSync(`${folder}/generated`, { recursive: true, force: true })
const run = spawnSync('node_modules/.bin/buf', ['generate'], { cwd: folder, stdio: 'inherit' })
process.exitCode = run.status ?? 1
