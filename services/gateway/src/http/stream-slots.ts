import { TooManyStreamsError } from './http-errors.ts'

const maxStreams = 500
const maxStreamsPerAddress = 20

/** How many streams may be open at once: each costs a reading of the log. */
export class StreamSlots {
  readonly #byAddress = new Map<string, number>()
  #open = 0

  /** Disposing gives it back, once. @throws TooManyStreamsError */
  take(address: string): Disposable {
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (this.#open >= maxStreams || ofAddress >= maxStreamsPerAddress) throw new TooManyStreamsError()
    this.#open += 1
    this.#byAddress.set(address, ofAddress + 1)
    let given = false
    return {
      [Symbol.dispose]: () => {
        if (given) return
        given = true
        this.#open -= 1
        const left = (this.#byAddress.get(address) ?? 1) - 1
        if (left === 0) this.#byAddress.delete(address)
        else this.#byAddress.set(address, left)
      },
    }
  }
}
