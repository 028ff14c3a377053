import type { Engines } from '../engines/engines.ts'
import { watchEffects } from './watch-effects.ts'

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
  readonly moment: string

  constructor(moment: string) {
    super(`injected ${moment}`)
    this.moment = moment
  }
}

/**
 * Goes wrong once, at one moment. Moments are counted: one before each call that changes something outside the process,
 * and one after it, when it had its effect and its caller does not know. Together they are every place at which a crash
 * makes a difference.
 */
export class Faults {
  /** Names of the moments that have been, in order. */
  readonly moments: string[] = []
  readonly #at: number

  /** The moment that goes wrong, from 0; none where absent. */
  constructor(at = Infinity) {
    this.#at = at
  }

  /** Engines, or a context, whose effects are counted; what uses the ones inside is not. */
  wrap(engines: Engines): Engines {
    return watchEffects(engines, {
      before: (effect) => this.#pass(`before ${effect}`),
      after: (effect) => this.#pass(`after ${effect}`),
    })
  }

  #pass(moment: string): void {
    this.moments.push(moment)
    if (this.moments.length - 1 === this.#at) throw new InjectedFault(moment)
  }
}
