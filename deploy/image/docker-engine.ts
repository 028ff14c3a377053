import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const startSeconds = 30
const betweenLooksMilliseconds = 200

/** An engine did not come up. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError'
  /** What it said. */
  readonly output: string

  constructor(output: string) {
    super(`dockerd did not start; as root on Debian it should. Its last words:\n${output}`)
    this.output = output
  }
}

/** A Docker engine: the one that answers here, or else one of our own, with everything in a folder that goes with it. */
export class DockerEngine implements AsyncDisposable {
  readonly #environment: NodeJS.ProcessEnv
  readonly #stop: () => Promise<void>

  private constructor(environment: NodeJS.ProcessEnv, stop: () => Promise<void>) {
    this.#environment = environment
    this.#stop = stop
  }

  /** @throws EngineStartError; what apt-get fails with */
  static async open(say: (line: string) => void): Promise<DockerEngine> {
    const given = new DockerEngine(process.env, async () => {})
    if (await given.#answers()) return given
    say('no Docker engine answers: starting one')
    await aptInstall('dockerd', 'docker.io')
    // Under a short path: it ends up in those of sockets.
    const folder = await mkdtemp(join(tmpdir(), 'dockerd-'))
    const address = `unix://${join(folder, 'sock')}`
    const log = join(folder, 'log')
    const output = openSync(log, 'w')
    const flags = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')]
    const daemon = spawn('dockerd', [...flags, '-p', join(folder, 'pid'), '-H', address], {
      stdio: ['ignore', output, output],
    })
    const ended = once(daemon, 'exit')
    const engine = new DockerEngine({ ...process.env, DOCKER_HOST: address }, async () => {
      daemon.kill()
      await ended
      await unmountBelow(folder)
      await rm(folder, { recursive: true, force: true })
    })
    const deadline = performance.now() + startSeconds * 1000
    while (!(await engine.#answers())) {
      if (daemon.exitCode !== null || performance.now() > deadline) {
        const said = await readFile(log, 'utf8')
        await engine[Symbol.asyncDispose]()
        throw new EngineStartError(said.slice(-2_000))
      }
      await pause(betweenLooksMilliseconds)
    }
    return engine
  }

  /** Where it answers, as `DOCKER_HOST` has it; the usual place where undefined. */
  get address(): string | undefined {
    return this.#environment['DOCKER_HOST']
  }

  /** What `docker …` says. @throws where it fails, with what it said */
  async docker(...args: readonly string[]): Promise<string> {
    // The builder that comes with the engine; the newer one is a program more.
    const env = { ...this.#environment, DOCKER_BUILDKIT: '0' }
    return (await run('docker', args, { env, maxBuffer: 1e8 })).stdout.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }

  async #answers(): Promise<boolean> {
    return this.docker('version').then(
      () => true,
      () => false,
    )
  }
}

/** What an engine that ended leaves mounted: the network's namespace of its containers. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  const points = mounts.split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const point of points.filter((each) => each.startsWith(`${folder}/`)).toReversed()) await run('umount', [point])
}

/** Installs a Debian package if its program is not there. */
export async function aptInstall(program: string, name: string): Promise<void> {
  const isThere = await run('which', [program]).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env, maxBuffer: 1e8 })
}
