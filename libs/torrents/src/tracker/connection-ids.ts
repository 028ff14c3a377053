import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** For how long an id is given out; it is taken for as long again. BEP 15 wants two minutes. */
const periodMilliseconds = 60_000

/**
 * Connection ids of the UDP tracker (BEP 15): only who receives at an address gets the one that goes with it, so nobody can
 * announce under another's address, or have answers sent there that are larger than the question. Nothing is kept.
 */
export class ConnectionIds {
  readonly #secret = randomBytes(32)
  readonly #now: () => number

  /** @param now milliseconds that only grow */
  constructor(now: () => number) {
    this.#now = now
  }

  issue(address: string): Buffer {
    return this.#make(address, this.#period())
  }

  isGood(address: string, id: Uint8Array): boolean {
    const period = this.#period()
    return [period, period - 1].some((each) => timingSafeEqual(this.#make(address, each), id))
  }

  #period(): number {
    return Math.floor(this.#now() / periodMilliseconds)
  }

  #make(address: string, period: number): Buffer {
    return createHmac('sha256', this.#secret).update(`${period} ${address}`).digest().subarray(0, 8)
  }
}
