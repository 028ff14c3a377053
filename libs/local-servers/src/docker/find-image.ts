import type * as Testcontainers from 'testcontainers'
import { WayClosedError } from '../errors.ts'
import type { InstallOptions } from '../install/install-options.ts'
import { mayHaveDocker } from './may-have-docker.ts'

/** The library that speaks with the engine, once the engine has the image. */
export type Docker = typeof Testcontainers

/**
 * Sees to it that a Docker engine answers and has an image; the image is pulled if need be.
 * @throws WayClosedError
 */
export async function findImage(image: string, options: InstallOptions): Promise<Docker> {
  if (!mayHaveDocker()) throw new WayClosedError('there is no Docker engine', 'Start one, or set DOCKER_HOST')
  // It is large, and few need it.
  const docker = await import('testcontainers')
  const engine = await orClosed('no Docker engine answers', 'Start one, or set DOCKER_HOST', () =>
    docker.getContainerRuntimeClient(),
  )
  const name = docker.ImageName.fromString(image)
  await orClosed(`the image ${image} cannot be had`, `See what "docker pull ${image}" says`, async () => {
    if (await engine.image.exists(name)) return
    options.onProgress?.(`pulling the image ${image}`)
    await engine.image.pull(name)
    // A pull that failed on its way ends like one that did not.
    if (!(await engine.image.exists(name))) throw new Error('the image is not there after it was pulled')
  })
  options.signal?.throwIfAborted()
  return docker
}

async function orClosed<T>(reason: string, advice: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new WayClosedError(`${reason} (${detail})`, advice, error)
  }
}
