// Writes proto/generated anew from the .proto files, or, with --check, only says whether that would change anything.
// The generated files are committed, so that nothing has to be generated before the program runs.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const generated = join(folder, 'generated')
const fresh = mkdtempSync(join(tmpdir(), 'annals-generated-'))
try {
  const descriptors = join(fresh, 'generated/descriptors.binpb')
  // The descriptors are for gRPC's server reflection and for the OpenAPI document, which tell a client what the API looks
  // like: with the comments.
  const made =
    buf('generate', '--output', fresh) &&
    buf('build', '--path', 'annals', '--as-file-descriptor-set', '-o', descriptors)
  if (!made) process.exitCode = 1
  else if (process.argv.includes('--check')) check()
  else {
    rmSync(generated, { recursive: true, force: true })
    cpSync(join(fresh, 'generated'), generated, { recursive: true })
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

function buf(...args: string[]): boolean {
  return spawnSync('node_modules/.bin/buf', args, { cwd: folder, stdio: 'inherit' }).status === 0
}

function check(): void {
  const [now, then] = [read(generated), read(join(fresh, 'generated'))]
  const differing = [...new Set([...now.keys(), ...then.keys()])].filter((file) => now.get(file) !== then.get(file))
  for (const file of differing)
    process.stderr.write(`${file} is not what the protocol files say: run "pnpm generate"\n`)
  if (differing.length > 0) process.exitCode = 1
}

function read(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(root.length + 1), readFileSync(path, 'latin1')]
    }),
  )
}
