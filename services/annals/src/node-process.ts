import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export interface NodeProcessOptions {
  /** The node's own folder: data, log. */
  readonly folder: string
  /** Settings beside the data folder, as environment variables. */
  readonly environment: Readonly<Record<string, string>>
  /** The program to run instead of the command line; it must say that it is ready in the same way. */
  readonly program?: string
  /** What the program is told; `up` where absent. */
  readonly args?: readonly string[]
  /** Called once there is a process, long before it is at work. */
  readonly onSpawned?: (pid: number) => void
}

/** What a process says when it is at work. */
export interface ReadyLine {
  /** Where its gRPC interface answers, where it has one. */
  readonly address?: string
  /** Where its torrents are, where it has a client. */
  readonly torrents?: { readonly host: string; readonly port: number }
  /** The page's address, with what opens it, where it has one. */
  readonly page?: string
}

/** A node in a process of its own did not come up. */
export class NodeStartError extends Error {
  override readonly name = 'NodeStartError'
  readonly logFile: string
  /** An exit code, or a signal. */
  readonly ending: string

  constructor(logFile: string, ending: string) {
    super(`a process ended at its start (${ending}); its log is ${logFile}`)
    this.logFile = logFile
    this.ending = ending
  }
}

/** A node, or a single service, in a process of its own. */
export class NodeProcess implements AsyncDisposable {
  readonly ready: ReadyLine
  readonly logFile: string
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #exited: Promise<unknown>

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, null>,
    exited: Promise<unknown>,
    ready: ReadyLine,
    logFile: string,
  ) {
    this.#child = child
    this.#exited = exited
    this.ready = ready
    this.logFile = logFile
  }

  static logFile({ folder }: Pick<NodeProcessOptions, 'folder'>): string {
    return join(folder, 'node.log')
  }

  /** Starts a node and waits until it is at work. @throws NodeStartError */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    await mkdir(options.folder, { recursive: true })
    const logFile = NodeProcess.logFile(options)
    const log = openSync(logFile, 'a')
    const program = options.program ?? join(import.meta.dirname, 'main.ts')
    const args = [...(options.args ?? ['up']), '--json', '--until-stdin-ends']
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ANNALS_DATA: join(options.folder, 'data'), ...options.environment },
      // Never written to: it ends with this process, however that ends.
      stdio: ['pipe', 'pipe', log],
    }) as ChildProcessByStdio<Writable, Readable, null>
    closeSync(log)
    const exited = once(child, 'exit')
    if (child.pid !== undefined) options.onSpawned?.(child.pid)
    const line = await Promise.race([once(createInterface(child.stdout), 'line'), exited.then(() => undefined)])
    if (line === undefined) throw new NodeStartError(logFile, String(child.exitCode ?? child.signalCode))
    return new NodeProcess(child, exited, JSON.parse(String(line[0])) as ReadyLine, logFile)
  }

  /** Where its gRPC interface answers. */
  get address(): string {
    return this.ready.address ?? ''
  }

  /** How it ended; absent while it runs. */
  get ending(): number | NodeJS.Signals | undefined {
    return this.#child.exitCode ?? this.#child.signalCode ?? undefined
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
