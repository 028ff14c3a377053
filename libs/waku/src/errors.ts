import type { StoreReport } from './store/store-report.ts'

/** What went wrong with a Waku node, while doing what. `node` is its address without name and password. */
abstract class WakuNodeError extends Error {
  readonly node: string
  /** `query the store`. */
  readonly operation: string

  constructor(node: string, operation: string, reason: string, cause?: unknown) {
    super(`the Waku node ${node} did not ${operation}: ${reason}`, cause === undefined ? undefined : { cause })
    this.node = node
    this.operation = operation
  }
}

/** The node cannot be reached, or the connection broke off; whether it did what was asked is not known. */
export class WakuUnreachableError extends WakuNodeError {
  override readonly name = 'WakuUnreachableError'

  constructor(node: string, operation: string, cause: unknown) {
    super(node, operation, `${reasonOf(cause)}. Is it running, and is its REST interface open?`, cause)
  }
}

/** The node did not answer completely in time; whether it did what was asked is not known. */
export class WakuTimeoutError extends WakuNodeError {
  override readonly name = 'WakuTimeoutError'
  readonly limitMilliseconds: number

  constructor(node: string, operation: string, limitMilliseconds: number) {
    super(node, operation, `no complete answer in ${limitMilliseconds} ms. See whether it is overloaded`)
    this.limitMilliseconds = limitMilliseconds
  }
}

/** The node answered that it does not do what was asked. */
export class WakuRefusedError extends WakuNodeError {
  override readonly name = 'WakuRefusedError'
  /** An HTTP status, or the status inside of a store's answer. */
  readonly status: number
  /** What the node said, at most 200 characters. */
  readonly detail: string

  constructor(node: string, operation: string, status: number, detail: string) {
    super(node, operation, `it answered ${status}: ${JSON.stringify(detail.slice(0, 200))}`)
    this.status = status
    this.detail = detail.slice(0, 200)
  }
}

/** The node has had too many requests. */
export class WakuRateLimitedError extends WakuNodeError {
  override readonly name = 'WakuRateLimitedError'
  /** How long it asked to be left alone; `undefined` where it did not say. */
  readonly waitMilliseconds: number | undefined

  constructor(node: string, operation: string, waitMilliseconds: number | undefined) {
    super(node, operation, 'it has had too many requests. Lower the requests a second, or add nodes')
    this.waitMilliseconds = waitMilliseconds
  }
}

/** The node's answer is not of the form that Waku nodes give. */
export class WakuAnswerError extends WakuNodeError {
  override readonly name = 'WakuAnswerError'
  /** `messages[3].message.payload`; empty for the answer as a whole. */
  readonly where: string

  constructor(node: string, operation: string, where: string, reason: string) {
    super(node, operation, `its answer${where === '' ? '' : ` at ${where}`} ${reason}. Is it a Waku node?`)
    this.where = where
  }
}

/** The node's answer is larger than is taken. */
export class WakuAnswerTooLargeError extends WakuNodeError {
  override readonly name = 'WakuAnswerTooLargeError'
  readonly limitBytes: number

  constructor(node: string, operation: string, limitBytes: number) {
    super(node, operation, `its answer is larger than the ${limitBytes} bytes that are taken`)
    this.limitBytes = limitBytes
  }
}

/** An address that is none of a Waku node's REST interface. What it holds is not repeated: it may be a password. */
export class InvalidWakuAddressError extends Error {
  override readonly name = 'InvalidWakuAddressError'

  constructor(reason: string) {
    super(`the address of a Waku node ${reason}: give one such as http://127.0.0.1:8645`)
  }
}

/** A place in a query of several stores that belongs to another query, or to none. */
export class InvalidStorePlaceError extends Error {
  override readonly name = 'InvalidStorePlaceError'
  readonly place: string

  constructor(place: string) {
    super(`the place ${JSON.stringify(place.slice(0, 100))} is none of this query: begin it anew`)
    this.place = place
  }
}

/** A store was not waited for any longer. */
export class StoreTooSlowError extends Error {
  override readonly name = 'StoreTooSlowError'
  readonly node: string
  readonly limitMilliseconds: number

  constructor(node: string, limitMilliseconds: number) {
    super(`the store ${node} took more than the ${limitMilliseconds} ms that a query waits for one store`)
    this.node = node
    this.limitMilliseconds = limitMilliseconds
  }
}

/** No store that was asked answered to the end of a query; what is missing may be much. */
export class StoresUnavailableError extends Error {
  override readonly name = 'StoresUnavailableError'
  /** How it went with each of them. */
  readonly stores: readonly StoreReport[]

  constructor(stores: readonly StoreReport[]) {
    const reasons = stores.map(
      ({ node, failure }) => `${node}: ${failure instanceof Error ? failure.message : 'ended'}`,
    )
    super(`no store answered a query to its end (${reasons.join('; ')}). Ask again when one of them is back`, {
      cause: new AggregateError(stores.map(({ failure }) => failure)),
    })
    this.stores = stores
  }
}

/** Any failure of a node; what else is thrown is a defect, or the caller's own signal. */
export function isWakuNodeError(error: unknown): error is WakuNodeError {
  return error instanceof WakuNodeError
}

/** What may be over when it is tried again a moment later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof WakuRefusedError) return error.status >= 500
  return (
    error instanceof WakuUnreachableError || error instanceof WakuTimeoutError || error instanceof WakuRateLimitedError
  )
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // What `fetch` throws says only that it failed; why is in its cause.
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}
