import { stripVTControlCharacters } from 'node:util'
import type { Cli } from './cli.ts'

const redrawMilliseconds = 100
const barCells = 24

/** Shows how far long work is: a bar that is drawn over on a terminal, elsewhere a line at each tenth. */
export class ProgressBar implements Disposable {
  readonly #stream: Cli['stderr']
  readonly #what: string
  readonly #now: () => number
  #drawnAt = -Infinity
  #tenth = 0
  #shown = false

  constructor(stream: Cli['stderr'], what: string, now: () => number = () => performance.now()) {
    this.#stream = stream
    this.#what = what
    this.#now = now
  }

  /** `fraction` is 0 to 1; `detail` stands behind the bar. */
  update(fraction: number, detail: string): void {
    // Nothing of nothing is no number.
    const share = fraction > 0 ? Math.min(fraction, 1) : 0
    if (this.#stream.isTTY === true) this.#draw(share, detail)
    else this.#line(share, detail)
  }

  /** Clears the bar; lines stay. */
  [Symbol.dispose](): void {
    if (this.#shown) this.#stream.write('\r\u001b[2K')
    this.#shown = false
  }

  #draw(share: number, detail: string): void {
    if (this.#now() - this.#drawnAt < redrawMilliseconds) return
    this.#drawnAt = this.#now()
    const full = Math.round(share * barCells)
    const bar = '█'.repeat(full) + '░'.repeat(barCells - full)
    const text = stripVTControlCharacters(`${this.#what} ${bar} ${Math.floor(share * 100)} %  ${detail}`)
    this.#stream.write(`\r\u001b[2K${text.slice(0, Math.max((this.#stream.columns ?? 80) - 1, 1))}`)
    this.#shown = true
  }

  #line(share: number, detail: string): void {
    const tenth = Math.floor(share * 10)
    if (tenth <= this.#tenth) return
    this.#tenth = tenth
    this.#stream.write(`${this.#what} ${tenth * 10} %  ${detail}\n`)
  }
}
