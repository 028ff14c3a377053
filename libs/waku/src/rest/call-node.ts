import {
  InvalidWakuAddressError,
  WakuAnswerError,
  WakuAnswerTooLargeError,
  WakuRateLimitedError,
  WakuRefusedError,
  WakuTimeoutError,
  WakuUnreachableError,
} from '../errors.ts'
import { RateLimit } from './rate-limit.ts'

export interface NodeCall {
  /** For errors: `query the store`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  readonly answerLimitBytes: number
}

export interface NodeCallerOptions {
  readonly url: string
  readonly timeoutMilliseconds: number
  readonly requestsPerSecond: number
}

/** A refusal says why in a line; the rest is not read. */
const refusalLimitBytes = 64 * 1024
const longestHoldMilliseconds = 60_000

/** Asks one node, with a limit on every wait and every answer. */
export class NodeCaller {
  /** Its address without name and password. */
  readonly name: string
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMilliseconds: number
  readonly #limit: RateLimit

  /** @throws InvalidWakuAddressError */
  constructor(options: NodeCallerOptions) {
    const { base, authorization } = parseAddress(options.url)
    this.name = base
    this.#base = base
    this.#timeoutMilliseconds = options.timeoutMilliseconds
    this.#limit = new RateLimit(options.requestsPerSecond)
    this.#headers = {
      accept: 'application/json',
      // What comes compressed has no size that one could know of.
      'accept-encoding': 'identity',
      ...(authorization !== undefined && { authorization }),
    }
  }

  /**
   * The text of an answer of status 2xx.
   * @throws WakuUnreachableError, WakuTimeoutError, WakuRefusedError, WakuRateLimitedError, WakuAnswerTooLargeError,
   *   WakuAnswerError (no UTF-8); the signal's reason
   */
  async call(call: NodeCall): Promise<string> {
    const never = new AbortController().signal
    await this.#limit.turn(call.signal ?? never)
    const timeout = AbortSignal.timeout(this.#timeoutMilliseconds)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
    try {
      return await this.#ask(call, signal)
    } catch (error) {
      call.signal?.throwIfAborted()
      if (timeout.aborted) throw new WakuTimeoutError(this.name, call.operation, this.#timeoutMilliseconds)
      // Whatever the connection fails with: `fetch` has a TypeError for it, a body that breaks off has others.
      if (isOwn(error)) throw error
      throw new WakuUnreachableError(this.name, call.operation, error)
    }
  }

  async #ask({ operation, method, path, body, answerLimitBytes }: NodeCall, signal: AbortSignal): Promise<string> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' }
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
    if (response.ok) return this.#text(operation, await this.#read(operation, response, answerLimitBytes))
    if (response.status === 429) {
      await response.body?.cancel()
      const wait = waitOf(response.headers.get('retry-after'))
      this.#limit.hold(wait ?? 0)
      throw new WakuRateLimitedError(this.name, operation, wait)
    }
    const said = await this.#read(operation, response, refusalLimitBytes)
    throw new WakuRefusedError(this.name, operation, response.status, Buffer.from(said).toString('utf8').trim())
  }

  async #read(operation: string, response: Response, limitBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let sizeBytes = 0
    // Leaving the loop early cancels the rest.
    for await (const part of response.body ?? []) {
      sizeBytes += part.length
      if (sizeBytes > limitBytes) throw new WakuAnswerTooLargeError(this.name, operation, limitBytes)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  #text(operation: string, bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      throw new WakuAnswerError(this.name, operation, '', 'is no UTF-8')
    }
  }
}

function isOwn(error: unknown): boolean {
  return [WakuRefusedError, WakuRateLimitedError, WakuAnswerTooLargeError, WakuAnswerError].some(
    (own) => error instanceof own,
  )
}

/** Milliseconds of a `Retry-After` in seconds, at most a minute. */
function waitOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null || !/^\d{1,9}$/.test(retryAfter)) return undefined
  return Math.min(Number(retryAfter) * 1_000, longestHoldMilliseconds)
}

function parseAddress(text: string): { readonly base: string; readonly authorization: string | undefined } {
  const url = URL.parse(text)
  if (url === null) throw new InvalidWakuAddressError('is no address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new InvalidWakuAddressError('is not of HTTP')
  if (url.search !== '' || url.hash !== '') throw new InvalidWakuAddressError('has more than a path')
  const { username, password } = url
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization: username === '' && password === '' ? undefined : basicAuthorization(username, password),
  }
}

function basicAuthorization(username: string, password: string): string {
  try {
    const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(secret).toString('base64')}`
  } catch {
    throw new InvalidWakuAddressError('has a name or password that is not percent-encoded')
  }
}
