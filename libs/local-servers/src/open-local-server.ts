import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { choosePort, isFree } from './choose-port.ts'
import { ServerDisposedError, ServerStartError } from './errors.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { outputFileName } from './server-program.ts'
import { makeTemporaryFolder } from './temporary-folders.ts'
import type { Launch, RunningServer, ServerKind, ServerProgram } from './server-program.ts'

const startLimitMilliseconds = 120_000
const betweenTriesMilliseconds = 20
const keptLines = 20

/**
 * Starts a server of our own and waits until it answers.
 * @throws ServerStartError; the signal's reason
 */
export async function openLocalServer(
  kind: ServerKind,
  program: ServerProgram,
  options: StartOptions,
): Promise<LocalServer> {
  const folder = await ownOrGivenFolder(kind, options.folder)
  const isTemporary = options.folder === undefined
  const removeFolder = async (): Promise<void> => {
    if (isTemporary) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    // A port that was free a moment ago may have been taken since.
    for (let triesLeft = options.port === undefined ? 3 : 1; ; triesLeft -= 1) {
      const server = new SupervisedServer(kind, program, folder, options.port ?? (await choosePort()), removeFolder)
      try {
        await server.start(options)
        return server
      } catch (error) {
        const isTaken = error instanceof ServerStartError && !(await isFree(server.port))
        if (triesLeft === 1 || !isTaken) throw error
      }
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

async function ownOrGivenFolder(kind: ServerKind, given: string | undefined): Promise<string> {
  if (given === undefined) return makeTemporaryFolder(kind.scheme)
  await mkdir(given, { recursive: true })
  return resolve(given)
}

class SupervisedServer implements LocalServer {
  readonly url: string
  readonly origin: string
  readonly folder: string
  readonly port: number
  readonly #kind: ServerKind
  readonly #program: ServerProgram
  readonly #removeFolder: () => Promise<void>
  #running: RunningServer | undefined
  #isDisposed = false
  /** One thing after the other: what is asked while something is under way waits for it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    kind: ServerKind,
    program: ServerProgram,
    folder: string,
    port: number,
    removeFolder: () => Promise<void>,
  ) {
    this.url = `${kind.scheme}://127.0.0.1:${port}`
    this.origin = program.origin
    this.folder = folder
    this.port = port
    this.#kind = kind
    this.#program = program
    this.#removeFolder = removeFolder
  }

  start({ signal, onProgress = () => {} }: Pick<StartOptions, 'signal' | 'onProgress'> = {}): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#isDisposed) throw new ServerDisposedError(this.url)
      if (this.#running !== undefined && (await this.#kind.answers(this.port))) return false
      // One that was just killed by somebody else may not be known as dead yet.
      await this.#running?.kill()
      signal?.throwIfAborted()
      // Otherwise whoever listens there would be taken for this server.
      if (!(await isFree(this.port))) throw await this.#startError(`port ${this.port} is taken`)
      const running = await this.#launch({ folder: this.folder, port: this.port, signal, onProgress })
      try {
        await this.#untilReady(running, signal)
      } catch (error) {
        await running.kill()
        throw error
      }
      this.#running = running
      return true
    })
  }

  kill(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#running?.kill()
      this.#running = undefined
    })
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#running?.stop()
      this.#running = undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isDisposed) return
      this.#isDisposed = true
      await this.#running?.stop()
      await this.#removeFolder()
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #launch(launch: Launch): Promise<RunningServer> {
    try {
      return await this.#program.launch(launch)
    } catch (error) {
      launch.signal?.throwIfAborted()
      throw await this.#startError(error instanceof Error ? error.message : String(error), error)
    }
  }

  async #untilReady(running: RunningServer, signal: AbortSignal | undefined): Promise<void> {
    let ending: number | string | undefined
    void running.ended.then((found) => (ending = found))
    const deadline = performance.now() + startLimitMilliseconds
    for (;;) {
      const answers = await this.#kind.answers(this.port)
      signal?.throwIfAborted()
      if (ending !== undefined) throw await this.#startError(`it ended with ${ending}`)
      if (answers) return
      if (performance.now() > deadline) throw await this.#startError(`no answer in ${startLimitMilliseconds} ms`)
      await Promise.race([pause(betweenTriesMilliseconds), running.ended])
    }
  }

  async #startError(reason: string, cause?: unknown): Promise<ServerStartError> {
    const said = await readFile(join(this.folder, outputFileName), 'utf8').catch(() => '')
    const last = said.trimEnd().split('\n').slice(-keptLines).join('\n')
    return new ServerStartError(this.origin, this.folder, reason, last, cause)
  }
}
