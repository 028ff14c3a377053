import { pause } from '@annals/service'
import type { LocalServer } from '@annals/local-servers'
import type { ProcessState } from './kept-process.ts'

const beatMilliseconds = 2_000

/** A server of this machine that is started again when it dies. */
export class KeptServer implements AsyncDisposable {
  readonly #server: LocalServer
  readonly #onChange: (state: ProcessState) => void
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>

  constructor(name: string, server: LocalServer, onChange: (state: ProcessState) => void) {
    this.#server = server
    this.#onChange = onChange
    this.#loop = this.#keep({ name, status: 'at work', pid: undefined, restarts: 0, lastEnding: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.#server[Symbol.asyncDispose]()
  }

  async #keep(first: ProcessState): Promise<void> {
    let state = first
    this.#onChange(state)
    for (;;) {
      await pause(beatMilliseconds, this.#stop.signal)
      if (this.#stop.signal.aborted) return this.#onChange({ ...state, status: 'stopped' })
      try {
        if (await this.#server.start()) {
          state = { ...state, status: 'at work', restarts: state.restarts + 1 }
          this.#onChange(state)
        }
      } catch (error) {
        state = { ...state, status: 'waiting', lastEnding: error instanceof Error ? error.message : String(error) }
        this.#onChange(state)
      }
    }
  }
}
