import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { outputFileName } from '../server-program.ts'
import type { Launch, RunningServer } from '../server-program.ts'
import type { Docker } from './find-image.ts'

export interface ContainerPlan {
  readonly image: string
  readonly command: readonly string[]
  /** Where the server listens inside. */
  readonly portInside: number
  /** A folder of this machine, and where it is seen inside. */
  readonly mount: { readonly source: string; readonly target: string }
  /** `host`: no port is mapped, what listens on the machine's loopback is reached as it is. */
  readonly network?: string
}

const stopLimitSeconds = 60

/** Starts a container whose port is mapped on loopback. It runs as this process's user, to whom the data then belongs. */
export async function runContainer(docker: Docker, plan: ContainerPlan, launch: Launch): Promise<RunningServer> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = docker
  class LoopbackContainer extends GenericContainer {
    protected override async beforeContainerCreated(): Promise<void> {
      if (plan.network !== undefined) return
      // Without an address the engine maps a port on every interface.
      this.hostConfig.PortBindings = {
        [`${plan.portInside}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(launch.port) }],
      }
    }
  }
  const container = new LoopbackContainer(plan.image)
    // The engine takes a name once: no two servers work on one folder.
    .withName(`annals-${createHash('sha256').update(launch.folder).digest('hex').slice(0, 16)}`)
    .withCommand([...plan.command])
    .withBindMounts([plan.mount])
    .withLogConsumer((said) => said.pipe(createWriteStream(join(launch.folder, outputFileName), { flags: 'a' })))
    // That it answers is found out from outside, as for every other server.
    .withWaitStrategy(Wait.forLogMessage(/./))
  if (plan.network === undefined) container.withExposedPorts({ container: plan.portInside, host: launch.port })
  else container.withNetworkMode(plan.network)
  if (process.getuid !== undefined && process.getgid !== undefined)
    container.withUser(`${process.getuid()}:${process.getgid()}`)
  const started = await container.start()
  const { container: containers } = await getContainerRuntimeClient()
  const running = containers.getById(started.getId())
  const ended = running.wait().then(
    async ({ StatusCode }: { StatusCode: number }) => {
      await orGone(running.remove({ force: true, v: true }))
      return StatusCode
    },
    (error: unknown) => String(error),
  )
  return {
    ended,
    async kill() {
      await orGone(running.kill())
      await ended
    },
    async stop() {
      await orGone(running.stop({ t: stopLimitSeconds }))
      await ended
    },
  }
}

/** The engine says 304, 404 or 409 of a container that does not run any more, or is being removed. */
async function orGone(done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === undefined || ![304, 404, 409].includes(statusCode)) throw error
  }
}
