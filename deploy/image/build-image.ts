import { join } from 'node:path'
import type { DockerEngine } from './docker-engine.ts'
import { makeBase } from './make-base.ts'

/** The repository. */
const root = join(import.meta.dirname, '..', '..')
const usualBase = 'node:24-bookworm-slim'

/**
 * Builds the image of all services on the base of its default where that can be had, else on one that is made here.
 * @returns the base
 */
export async function buildImage(engine: DockerEngine, name: string, say: (line: string) => void): Promise<string> {
  const base = await engine.docker('pull', usualBase).then(
    () => usualBase,
    () => {
      say(`${usualBase} cannot be had: making a base`)
      return makeBase(engine, `annals-base:${process.version}`)
    },
  )
  say(`building the image on ${base}`)
  const dockerfile = join(root, 'deploy', 'Dockerfile')
  await engine.docker('build', '--network=host', '-f', dockerfile, '--build-arg', `BASE=${base}`, '-t', name, root)
  return base
}
