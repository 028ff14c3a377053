// Writes proto/generated anew from the .proto files. The generated files are committed, so that nothing has to be
// generated before the program runs; the tests fail when they differ from what this makes.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
rmSync(`${folder}/generated`, { recursive: true, force: true })
const buf = (...args: string[]): number =>
  spawnSync('node_modules/.bin/buf', args, { cwd: folder, stdio: 'inherit' }).status ?? 1

// The descriptors are for gRPC's server reflection, which tells a client what the API looks like.
process.exitCode =
  buf('generate') ||
  buf(
    'build',
    '--path',
    'annals',
    '--exclude-source-info',
    '--as-file-descriptor-set',
    '-o',
    'generated/descriptors.binpb',
  )
