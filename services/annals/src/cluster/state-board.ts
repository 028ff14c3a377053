import type { Cli } from '../cli.ts'
import { table } from '../output/table.ts'
import type { ProcessState } from './kept-process.ts'

const redrawMilliseconds = 200

/** Shows a line of state for each process: drawn over on a terminal, elsewhere a line at each change. */
export class StateBoard implements Disposable {
  readonly #stream: Cli['stderr']
  readonly #json: boolean
  readonly #states = new Map<string, ProcessState>()
  #timer: NodeJS.Timeout | undefined
  #lines = 0

  constructor(stream: Cli['stderr'], json: boolean) {
    this.#stream = stream
    this.#json = json
  }

  show(state: ProcessState): void {
    const before = this.#states.get(state.name)
    this.#states.set(state.name, state)
    if (this.#json) this.#stream.write(`${JSON.stringify(state)}\n`)
    else if (this.#stream.isTTY === true) this.#timer ??= setTimeout(() => this.#draw(), redrawMilliseconds)
    else if (before?.status !== state.status) this.#stream.write(`${state.name}: ${describe(state)}\n`)
  }

  /** Draws a last time. */
  [Symbol.dispose](): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#draw()
  }

  #draw(): void {
    this.#timer = undefined
    const rows = [...this.#states.values()].map((state) => [
      state.name,
      state.status,
      state.pid === undefined ? '' : String(state.pid),
      state.restarts,
      (state.lastEnding ?? '').slice(0, 40),
    ])
    const text = table(['process', 'state', 'pid', 'restarts', 'last ending'], rows)
    this.#stream.write(`${this.#lines > 0 ? `\u001b[${this.#lines}A\u001b[J` : ''}${text}`)
    this.#lines = rows.length + 1
  }
}

function describe({ status, pid, restarts, lastEnding }: ProcessState): string {
  const process = pid === undefined ? '' : ` (pid ${pid})`
  const again = restarts === 0 ? '' : `, started again ${restarts} times`
  const ending = status === 'waiting' || status === 'stopped' ? ` after ${lastEnding ?? 'nothing'}` : ''
  return `${status}${process}${ending}${again}`
}
