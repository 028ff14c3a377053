// The long run of the image, by hand, as root on Debian: node deploy/image/image-for-long.ts
// Builds it, on the base of its default where that can be had, else on one that is made here; runs a node in it as a cluster
// would: no root, nothing to write to but its volumes, no capabilities. Ends with exit code 1 where something is not as it
// should be.
import { strict as assert } from 'node:assert'
import { setTimeout as pause } from 'node:timers/promises'
import { buildImage } from './build-image.ts'
import { DockerEngine } from './docker-engine.ts'

const image = 'annals:tried'
const container = 'annals-tried'
const restricted = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
const startSeconds = 120
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

await using engine = await DockerEngine.open(say)
await buildImage(engine, image, say)
const [inspected] = JSON.parse(await engine.docker('image', 'inspect', image)) as {
  Size: number
  Config: { User: string; Labels: Record<string, string> }
}[]
assert.equal(inspected?.Config.User, '1000:1000')
assert.equal(inspected.Config.Labels['org.opencontainers.image.title'], 'Annals')
say(`built: ${Math.round(inspected.Size / 1e6)} MB`)

const program = 'services/annals/src/main.ts'
const inImage = (...args: string[]): Promise<string> => engine.docker('run', '--rm', ...restricted, image, ...args)
const version = await inImage('--version')
assert.match(version, /^\d+\.\d+\.\d+$/)
const list = await engine.docker('run', '--rm', '--entrypoint', 'node', image, '-p', readList())
assert.ok(Number(list) > 100, `the list of what is in the image has ${list} entries`)

await engine.docker('rm', '-f', container)
await engine.docker('run', '-d', '--name', container, ...restricted, '-e', 'ANNALS_TORRENT_DHT=off', image, 'up')
const inside = (...args: string[]): Promise<string> => engine.docker('exec', container, 'node', ...args)
await untilReady()
say('a node is at work in it')
await inside(program, 'community', 'add', '--name', 'tried', '--chat', 'general', '--archive')
assert.match(await inside(program, 'status'), /tried/)
await assert.rejects(inside('-e', 'fs.writeFileSync("/app/changed", "")'), /EROFS/)

await engine.docker('kill', container)
await engine.docker('start', container)
await untilReady()
assert.match(await inside(program, 'status'), /tried/)
say('killed and started again it is where it was')

await engine.docker('stop', '-t', '45', container)
assert.equal(await engine.docker('inspect', '-f', '{{.State.ExitCode}}', container), '0')
await engine.docker('rm', container)
say(`the image ${version} builds, runs and stops`)

async function untilReady(): Promise<void> {
  const deadline = performance.now() + startSeconds * 1000
  for (;;) {
    try {
      await inside('deploy/check-health.ts', 'http://127.0.0.1:8081/ready')
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(500)
    }
  }
}

/** A program that says how many components the image's own list has. */
function readList(): string {
  return 'JSON.parse(fs.readFileSync("/app/sbom.cdx.json", "utf8")).components.length'
}
