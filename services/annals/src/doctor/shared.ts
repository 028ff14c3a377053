import { NatsPermissionError } from '@annals/nats'
import { NotCheckedError } from './check.ts'

/** Something that is made when it is first asked for, and whose failure is everybody's who asks. */
export class Shared<T> {
  readonly #make: () => Promise<T>
  #made: Promise<T> | undefined

  constructor(make: () => Promise<T>) {
    this.#make = make
  }

  /** @throws what making it threw */
  get(): Promise<T> {
    return (this.#made ??= this.#make())
  }

  /** Resolves when nothing is being made. */
  async settled(): Promise<void> {
    await this.#made?.catch(() => undefined)
  }

  /** For those who need it and are not the ones to tell why it is not there. @throws NotCheckedError, NatsPermissionError */
  async orNotChecked(reason: string): Promise<T> {
    try {
      return await this.get()
    } catch (error) {
      // What this user may not ask is told as such.
      if (error instanceof NotCheckedError || error instanceof NatsPermissionError) throw error
      throw new NotCheckedError(reason, { cause: error })
    }
  }
}
