import { takeToken } from '../router.ts'

const key = 'annals.token'

/**
 * The token that this browser brings with its requests. It comes once, behind the `#` of an address, and is kept until
 * it is forgotten. Without one, what is public can be looked at.
 */
export class Session {
  readonly #storage: Storage
  #token: string

  constructor(storage: Storage) {
    this.#storage = storage
    this.#token = storage.getItem(key) ?? ''
  }

  get token(): string {
    return this.#token
  }

  keep(token: string): void {
    this.#token = token.trim()
    if (this.#token === '') this.#storage.removeItem(key)
    else this.#storage.setItem(key, this.#token)
  }

  forget(): void {
    this.keep('')
  }
}

/** Takes the token out of the address, so that it stands in no history and nobody reads it off the screen. */
export function openSession(window: Window): Session {
  const session = new Session(window.localStorage)
  const brought = takeToken(window.location.hash)
  if (brought !== undefined) {
    session.keep(brought.token)
    window.history.replaceState(null, '', brought.rest)
  }
  return session
}
