import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface NodeProcessOptions {
  /** The node's own folder: data, log. */
  readonly folder: string
  /** Settings beside the data folder, as environment variables. */
  readonly environment: Readonly<Record<string, string>>
  /** The program to run instead of the all-in-one process; it must say that it is ready in the same way. */
  readonly program?: string
}

/** A node in a process of its own did not come up. */
export class NodeStartError extends Error {
  override readonly name = 'NodeStartError'
  readonly logFile: string

  constructor(logFile: string, exitCode: number | null) {
    super(`a node ended at its start (exit code ${exitCode}); its log is ${logFile}`)
    this.logFile = logFile
  }
}

/** An all-in-one node in a process of its own, as the demonstration and the whole-system tests use it. */
export class NodeProcess implements AsyncDisposable {
  /** Where its gRPC interface answers. */
  readonly address: string
  readonly logFile: string
  readonly #child: ChildProcessByStdio<null, Readable, null>
  readonly #exited: Promise<unknown>

  private constructor(
    child: ChildProcessByStdio<null, Readable, null>,
    exited: Promise<unknown>,
    address: string,
    logFile: string,
  ) {
    this.#child = child
    this.#exited = exited
    this.address = address
    this.logFile = logFile
  }

  /** Starts a node and waits until it is at work. @throws NodeStartError */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    await mkdir(options.folder, { recursive: true })
    const logFile = join(options.folder, 'node.log')
    const program = options.program ?? join(import.meta.dirname, 'main.ts')
    const child = spawn(process.execPath, [program, 'up', '--json'], {
      env: { PATH: process.env['PATH'] ?? '', ANNALS_DATA: join(options.folder, 'data'), ...options.environment },
      stdio: ['ignore', 'pipe', openSync(logFile, 'a')],
    }) as ChildProcessByStdio<null, Readable, null>
    const exited = once(child, 'exit')
    const ready = await Promise.race([once(createInterface(child.stdout), 'line'), exited.then(() => undefined)])
    if (ready === undefined) throw new NodeStartError(logFile, child.exitCode)
    const { address } = JSON.parse(String(ready[0])) as { address: string }
    return new NodeProcess(child, exited, address, logFile)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
  }

  /** Resolves when the process has ended, of itself or not. */
  async ended(): Promise<void> {
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) await this.stop()
  }
}
