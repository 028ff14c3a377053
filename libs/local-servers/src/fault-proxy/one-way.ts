import type { Socket } from 'node:net'

/** Bytes on their way through the proxy; more than this and whoever sends has to wait, as with a full window of TCP. */
const mostUnderWayBytes = 4 * 1024 * 1024

interface Parcel {
  /** When it goes on, on the clock of `performance.now()`. */
  readonly due: number
  /** Absent for the end of what comes. */
  readonly bytes?: Buffer
}

/** What goes through a connection in one direction: later, or not for a while, but in order and without a gap. */
export class OneWay {
  readonly #source: Socket
  readonly #destination: Socket
  readonly #delayMilliseconds: () => number
  readonly #underWay: Parcel[] = []
  #underWayBytes = 0
  #isSilent = false
  #isFull = false
  #timer: NodeJS.Timeout | undefined

  constructor(source: Socket, destination: Socket, delayMilliseconds: () => number) {
    this.#source = source
    this.#destination = destination
    this.#delayMilliseconds = delayMilliseconds
    source.on('data', (bytes: Buffer) => this.#take(bytes))
    source.on('end', () => this.#take())
    destination.on('drain', () => {
      this.#isFull = false
      this.#pass()
    })
    destination.on('close', () => clearTimeout(this.#timer))
  }

  /** While it is silent nothing goes through; what was sent arrives after it. */
  setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent
    this.#pass()
  }

  #take(bytes?: Buffer): void {
    const due = performance.now() + this.#delayMilliseconds()
    this.#underWay.push(bytes === undefined ? { due } : { due, bytes })
    this.#underWayBytes += bytes?.length ?? 0
    this.#pass()
  }

  #pass(): void {
    clearTimeout(this.#timer)
    if (this.#destination.destroyed) return
    while (!this.#isSilent && !this.#isFull) {
      const next = this.#underWay[0]
      if (next === undefined) break
      const wait = next.due - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pass(), Math.ceil(wait))
        break
      }
      this.#underWay.shift()
      this.#send(next)
    }
    if (this.#isSilent || this.#underWayBytes > mostUnderWayBytes) this.#source.pause()
    else this.#source.resume()
  }

  #send({ bytes }: Parcel): void {
    if (bytes === undefined) {
      this.#destination.end()
      return
    }
    this.#underWayBytes -= bytes.length
    this.#isFull = !this.#destination.write(bytes)
  }
}
