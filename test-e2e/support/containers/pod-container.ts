import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ContainerPlan, Mount } from '@annals/deploy/testing'
import { GenericContainer, StartupCheckStrategy, getContainerRuntimeClient } from 'testcontainers'
import type { ContainerRuntimeClient, StartedNetwork, StartedTestContainer, StartupStatus } from 'testcontainers'

type Handle = ReturnType<ContainerRuntimeClient['container']['getById']>

const betweenLooksMilliseconds = 200
/** As long as startup probes of the manifests wait. */
const startLimitMilliseconds = 600_000

export interface PodContainerOptions {
  readonly plan: ContainerPlan
  /** What it is called here, and in the network. */
  readonly name: string
  readonly image: string
  readonly network: StartedNetwork
  /** For what it mounts. */
  readonly folder: string
  /** Before what the plan has. */
  readonly environment?: Readonly<Record<string, string>>
  /** Values of secrets: their files by name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** A folder of this machine that it may read at a path. */
  readonly shown?: { readonly source: string; readonly target: string }
}

/** What a container uses at a moment. */
export interface Usage {
  /** Without what of files is in memory and could be dropped, as Kubernetes counts it. */
  readonly memoryBytes: number
  /** Since it was started, seconds of one core. */
  readonly cpuSeconds: number
}

/** A container that did not come to work. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError'
  readonly container: string
  /** What it said. */
  readonly output: string

  constructor(container: string, output: string) {
    super(`${container} has not started; its last words:\n${output}`)
    this.container = container
    this.output = output
  }
}

/** One container of a pod as its manifest has it, run by a container engine on this machine. */
export class PodContainer implements AsyncDisposable {
  readonly name: string
  readonly plan: ContainerPlan
  readonly #started: StartedTestContainer
  readonly #handle: Handle
  readonly #network: StartedNetwork

  private constructor(options: PodContainerOptions, started: StartedTestContainer, handle: Handle) {
    this.name = options.name
    this.plan = options.plan
    this.#network = options.network
    this.#started = started
    this.#handle = handle
  }

  /** Starts it; whether it comes to work is another question. */
  static async start(options: PodContainerOptions): Promise<PodContainer> {
    const { plan, name, network, shown } = options
    const container = new RestrictedContainer(options)
    const binds = await Promise.all(plan.mounts.map((mount) => bindOf(mount, options)))
    container
      .withName(`annals-${name}`)
      .withNetwork(network)
      .withCommand([...plan.arguments])
      .withEnvironment({ ...plan.environment, ...options.environment })
      .withUser(plan.user)
      .withBindMounts([...binds, ...(shown ? [{ ...shown, mode: 'ro' as const }] : [])])
      .withWaitStrategy(new Created())
    if (plan.entrypoint) container.withEntrypoint([...plan.entrypoint])
    const started = await container.start()
    const { container: containers } = await getContainerRuntimeClient()
    return new PodContainer(options, started, containers.getById(started.getId()))
  }

  /** The address of one of its ports: another one after each start. */
  async address(port: number): Promise<string> {
    const { NetworkSettings } = await this.#handle.inspect()
    return `${NetworkSettings.Networks[this.#network.getName()]?.IPAddress}:${port}`
  }

  /** Waits until its startup probe says yes. @throws ContainerStartError */
  async atWork(): Promise<void> {
    const deadline = performance.now() + startLimitMilliseconds
    while (!(await this.#hasStarted())) {
      if (performance.now() > deadline) throw new ContainerStartError(this.name, await this.output())
      await setTimeout(betweenLooksMilliseconds)
    }
  }

  /** Kill -9, and the code it ended with. */
  async kill(): Promise<number> {
    await this.#handle.kill()
    return this.#exitCode()
  }

  /** Starts it again, on the volumes it had. */
  async start(): Promise<void> {
    await this.#handle.start()
  }

  /** Tells it to stop, and kills it when its time of grace is over. */
  async stop(): Promise<{ readonly exitCode: number; readonly seconds: number }> {
    const began = performance.now()
    await this.#handle.stop({ t: this.plan.graceSeconds })
    return { exitCode: await this.#exitCode(), seconds: (performance.now() - began) / 1_000 }
  }

  /** Waits for its end. */
  async ended(): Promise<number> {
    const { StatusCode } = (await this.#handle.wait()) as { StatusCode: number }
    return StatusCode
  }

  async usage(): Promise<Usage> {
    const stats = await this.#handle.stats({ stream: false, 'one-shot': true })
    // Of a container that does not run nothing is said.
    const memoryStats: Partial<typeof stats.memory_stats> = stats.memory_stats
    const { usage = 0, stats: memory } = memoryStats
    const droppable = memory?.total_inactive_file ?? memory?.inactive_file ?? 0
    return { memoryBytes: usage - droppable, cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9 }
  }

  /** How often it ended unasked and was started again, and whether memory was what it lacked. */
  async troubles(): Promise<{ readonly restarts: number; readonly wasOutOfMemory: boolean }> {
    const { RestartCount, State } = await this.#handle.inspect()
    return { restarts: RestartCount, wasOutOfMemory: State.OOMKilled }
  }

  /** The last that it said. */
  async output(): Promise<string> {
    return (await this.#handle.logs({ stdout: true, stderr: true, tail: 50 })).toString()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.stop({ timeout: 0, remove: true, removeVolumes: true })
  }

  async #exitCode(): Promise<number> {
    return (await this.#handle.inspect()).State.ExitCode
  }

  async #hasStarted(): Promise<boolean> {
    const { startup } = this.plan
    if (!(await this.#handle.inspect()).State.Running) return false
    if (startup === undefined) return true
    const address = await this.address(startup.port)
    return startup.path === undefined ? accepts(address) : saysYes(`http://${address}${startup.path}`)
  }
}

/** That a container is at work is found out by its probe. */
class Created extends StartupCheckStrategy {
  override async checkStartupState(): Promise<StartupStatus> {
    return 'SUCCESS'
  }
}

/** A container under all restrictions of its manifest, started again by the engine when it ends, as a pod's is. */
class RestrictedContainer extends GenericContainer {
  readonly #plan: ContainerPlan
  readonly #endpoint: Readonly<Record<string, { readonly Aliases: string[] }>>

  constructor({ image, plan, network, name }: PodContainerOptions) {
    super(image)
    this.#plan = plan
    this.#endpoint = { [network.getName()]: { Aliases: [name] } }
  }

  protected override async beforeContainerCreated(): Promise<void> {
    const { isRootReadOnly, droppedCapabilities, mayGainPrivileges, group, limits, entrypoint } = this.#plan
    // The library would leave a container with an alias in the engine's own network as well, where it has another address.
    this.createOpts.NetworkingConfig = { EndpointsConfig: this.#endpoint }
    // Kubernetes does not look at the image's own health check.
    this.createOpts.Healthcheck = { Test: ['NONE'] }
    Object.assign(this.hostConfig, {
      ReadonlyRootfs: isRootReadOnly,
      CapDrop: [...droppedCapabilities],
      SecurityOpt: mayGainPrivileges ? [] : ['no-new-privileges'],
      GroupAdd: [String(group)],
      RestartPolicy: { Name: entrypoint === undefined ? 'unless-stopped' : 'on-failure' },
      ...(limits.memoryBytes !== undefined && { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes }),
    })
  }
}

interface Bind {
  readonly source: string
  readonly target: string
  readonly mode: 'rw' | 'ro'
}

/** A folder for what is mounted, with the owner and the mode that Kubernetes would give it. */
async function bindOf({ path, volume, isReadOnly }: Mount, options: PodContainerOptions): Promise<Bind> {
  const { name, folder, plan, secrets = {} } = options
  const source = join(folder, `${name}${path.replaceAll('/', '-')}`)
  await mkdir(source, { recursive: true })
  await chown(source, 0, plan.group)
  await chmod(source, volume.kind === 'empty' ? 0o2777 : 0o2775)
  const files = volume.kind === 'files' ? volume.files : volume.kind === 'secret' ? secrets[volume.name] : {}
  if (files === undefined) throw new Error(`nobody said what secret ${name} mounts at ${path}`)
  for (const [fileName, text] of Object.entries(files)) {
    const file = join(source, fileName)
    await writeFile(file, text)
    await chown(file, 0, plan.group)
    await chmod(file, volume.kind === 'secret' ? volume.mode : 0o644)
  }
  return { source, target: path, mode: isReadOnly ? 'ro' : 'rw' }
}

async function saysYes(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}

function accepts(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) })
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('connect', () => resolve(true) ?? socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve(false))
  })
}
