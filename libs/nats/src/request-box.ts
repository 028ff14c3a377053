import { PermissionViolationError } from '@nats-io/transport-node'
import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node'
import { NatsAnswerLostError, NatsPermissionError, NoRespondersError } from './errors.ts'

export interface RequestOptions {
  readonly headers?: MsgHdrs
  readonly timeoutMilliseconds?: number
}

interface Outgoing {
  readonly token: string
  readonly subject: string
  readonly payload: Uint8Array | string
  readonly headers: MsgHdrs | undefined
}

interface Pending {
  readonly subject: string
  readonly deadline: number
  resolve(answer: Msg): void
  reject(error: unknown): void
}

const defaultTimeoutMilliseconds = 5000

/** How often is looked for requests whose time is over. */
const sweepMilliseconds = 250

/**
 * Requests over one subscription. Unlike the client's own, those under way end at once when the connection does, and
 * thousands of them share one timer. Those that are made in one turn of the event loop go out together: the client writes
 * to its socket after each promise that is resolved, which costs both sides more than the requests themselves.
 */
export class RequestBox {
  readonly #connection: NatsConnection
  readonly #prefix: string
  readonly #pending = new Map<string, Pending>()
  #subscription: Subscription
  #number = 0
  #outgoing: Outgoing[] = []
  #sweep: NodeJS.Timeout | undefined

  constructor(connection: NatsConnection, inbox: string) {
    this.#connection = connection
    this.#prefix = `${inbox}.`
    this.#subscription = this.#subscribe()
  }

  #subscribe(): Subscription {
    return this.#connection.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message)
        else this.endAll(() => (error instanceof PermissionViolationError ? denied(error) : error))
      },
    })
  }

  /** @throws NatsAnswerLostError, NoRespondersError, NatsPermissionError */
  request(subject: string, payload: Uint8Array | string, options: RequestOptions = {}): Promise<Msg> {
    const { headers, timeoutMilliseconds = defaultTimeoutMilliseconds } = options
    const { promise, resolve, reject } = Promise.withResolvers<Msg>()
    const token = (this.#number++).toString(36)
    this.#pending.set(token, { subject, deadline: performance.now() + timeoutMilliseconds, resolve, reject })
    if (this.#outgoing.push({ token, subject, payload, headers }) === 1) setImmediate(() => this.#send())
    this.#sweep ??= setInterval(() => this.#endLate(), sweepMilliseconds)
    return promise
  }

  #send(): void {
    const outgoing = this.#outgoing
    this.#outgoing = []
    for (const { token, subject, payload, headers } of outgoing) {
      const pending = this.#pending.get(token)
      // The connection ended meanwhile.
      if (pending === undefined) continue
      try {
        // The server refused it. Now it may be allowed; if it is not, this request hears of it.
        if (this.#subscription.isClosed()) this.#subscription = this.#subscribe()
        this.#connection.publish(subject, payload, {
          reply: this.#prefix + token,
          ...(headers === undefined ? {} : { headers }),
        })
      } catch (error) {
        this.#pending.delete(token)
        pending.reject(error)
      }
    }
  }

  #answered(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length)
    const pending = this.#pending.get(token)
    if (pending === undefined) return
    this.#pending.delete(token)
    const nobody = message.data.length === 0 && message.headers?.code === 503
    if (nobody) pending.reject(new NoRespondersError(pending.subject))
    else pending.resolve(message)
  }

  /** The server does not say which request it means, only its subject: all on it are refused alike. */
  refused(error: PermissionViolationError): void {
    for (const [token, pending] of this.#pending) {
      if (error.operation !== 'publish' || pending.subject !== error.subject) continue
      this.#pending.delete(token)
      pending.reject(denied(error))
    }
  }

  endAll(reason: (subject: string) => Error): void {
    const all = [...this.#pending.values()]
    this.#pending.clear()
    clearInterval(this.#sweep)
    this.#sweep = undefined
    for (const pending of all) pending.reject(reason(pending.subject))
  }

  #endLate(): void {
    const now = performance.now()
    for (const [token, pending] of this.#pending) {
      if (pending.deadline > now) continue
      this.#pending.delete(token)
      pending.reject(new NatsAnswerLostError(pending.subject, 'timeout'))
    }
    if (this.#pending.size > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

/** What the server refuses, in our words. */
export function denied(error: PermissionViolationError): NatsPermissionError {
  return new NatsPermissionError(error.operation === 'publish' ? 'publish' : 'subscribe', error.subject, error)
}
