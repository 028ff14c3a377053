import { pause } from '@annals/service'
import { NodeProcess, NodeStartError } from '../node-process.ts'
import type { NodeProcessOptions, ReadyLine } from '../node-process.ts'

/** Longer than a service takes to drain by default. */
const stopLimitMilliseconds = 20_000

const firstPauseMilliseconds = 250
const usualLongestPauseMilliseconds = 30_000

/** A process that lived so long is started again at once when it dies. */
const healthyMilliseconds = 10_000

export type ProcessStatus = 'starting' | 'at work' | 'waiting' | 'stopped'

export interface ProcessState {
  readonly name: string
  readonly status: ProcessStatus
  readonly pid: number | undefined
  /** Times that it was started again. */
  readonly restarts: number
  /** How the process before this one ended: an exit code, or a signal. */
  readonly lastEnding: string | undefined
}

/** A process that is started again whenever it ends, sooner the longer it lived. */
export class KeptProcess implements AsyncDisposable {
  readonly name: string
  readonly logFile: string
  /** The command line that is run from its next start on, where that is another version's. */
  program: string | undefined
  readonly #options: NodeProcessOptions
  readonly #onChange: (state: ProcessState) => void
  readonly #longestPauseMilliseconds: number
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #process: NodeProcess | undefined
  #atWork = Promise.withResolvers<ReadyLine>()
  #state: ProcessState

  /** @param longestPauseMilliseconds before a process that dies soon every time is started again */
  constructor(
    name: string,
    options: NodeProcessOptions,
    onChange: (state: ProcessState) => void = () => undefined,
    longestPauseMilliseconds = usualLongestPauseMilliseconds,
  ) {
    this.name = name
    this.logFile = NodeProcess.logFile(options)
    this.program = options.program
    this.#options = options
    this.#onChange = onChange
    this.#longestPauseMilliseconds = longestPauseMilliseconds
    this.#state = { name, status: 'starting', pid: undefined, restarts: 0, lastEnding: undefined }
    this.#loop = this.#live()
  }

  get state(): ProcessState {
    return this.#state
  }

  /** What it said when it was at work last; waits for it. */
  atWork(): Promise<ReadyLine> {
    return this.#atWork.promise
  }

  /** Sends a signal to the process that there is now, whatever it is doing. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#state
    if (pid === undefined) return
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It has ended by itself, and that is not known here yet.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /** Ends it in order, and for good. Where that takes longer than the limit it is killed. */
  async stop(limitMilliseconds = stopLimitMilliseconds): Promise<void> {
    this.#stop.abort()
    this.signal('SIGTERM')
    const limit = setTimeout(() => this.signal('SIGKILL'), limitMilliseconds)
    await this.#loop
    clearTimeout(limit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop
    let pauseMilliseconds = firstPauseMilliseconds
    for (;;) {
      const startedAt = performance.now()
      const ending = await this.#liveOnce()
      this.#atWork = renew(this.#atWork)
      if (signal.aborted) return this.#change({ status: 'stopped', pid: undefined, lastEnding: ending })
      if (performance.now() - startedAt > healthyMilliseconds) pauseMilliseconds = firstPauseMilliseconds
      this.#change({ status: 'waiting', pid: undefined, lastEnding: ending })
      await pause(pauseMilliseconds, signal)
      if (signal.aborted) return this.#change({ status: 'stopped' })
      pauseMilliseconds = Math.min(pauseMilliseconds * 2, this.#longestPauseMilliseconds)
      this.#change({ status: 'starting', restarts: this.#state.restarts + 1 })
    }
  }

  /** From its start to its end; answers how it ended. */
  async #liveOnce(): Promise<string> {
    try {
      this.#process = await NodeProcess.start({
        ...this.#options,
        ...(this.program !== undefined && { program: this.program }),
        onSpawned: (pid) => {
          this.#change({ pid })
          // It was told to stop before there was anything to tell.
          if (this.#stop.signal.aborted) this.signal('SIGTERM')
        },
      })
      this.#change({ status: 'at work' })
      this.#atWork.resolve(this.#process.ready)
      await this.#process.ended()
      return String(this.#process.ending)
    } catch (error) {
      if (error instanceof NodeStartError) return error.ending
      return error instanceof Error ? error.message : String(error)
    } finally {
      this.#process = undefined
    }
  }

  #change(change: Partial<ProcessState>): void {
    this.#state = { ...this.#state, ...change }
    this.#onChange(this.#state)
  }
}

/** Whoever waits goes on waiting; whoever was answered asks anew. */
function renew<T>(before: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  const next = Promise.withResolvers<T>()
  void next.promise.then(before.resolve)
  return next
}
