/** A field that is not as the API server wants it. */
export interface RefusalCause {
  readonly reason?: string
  readonly message?: string
  /** `spec.selector`. */
  readonly field?: string
}

/** The API server refused what was asked of it. */
export class RefusedByApiError extends Error {
  override readonly name = 'RefusedByApiError'
  /** `apply Deployment gateway`. */
  readonly asked: string
  /** The status of HTTP. */
  readonly code: number
  /** `Invalid`, `Forbidden`. */
  readonly reason: string
  readonly causes: readonly RefusalCause[]

  constructor(asked: string, code: number, reason: string, message: string, causes: readonly RefusalCause[]) {
    super(`the API server refused to ${asked} (${code} ${reason}): ${message}`)
    this.asked = asked
    this.code = code
    this.reason = reason
    this.causes = causes
  }
}

/** The API server knows no such kind: its definition may be missing. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError'
  readonly apiVersion: string
  readonly kind: string

  constructor(apiVersion: string, kind: string) {
    super(`the API server has no ${kind} in ${apiVersion}: is its definition installed?`)
    this.apiVersion = apiVersion
    this.kind = kind
  }
}

/** What was waited for did not come about. */
export class NotReachedError extends Error {
  override readonly name = 'NotReachedError'
  readonly awaited: string
  /** What there was at last, in a line for each resource. */
  readonly seen: readonly string[]

  constructor(awaited: string, seconds: number, seen: readonly string[]) {
    super([`not within ${seconds} s: ${awaited}. At last there was:`, ...seen].join('\n'))
    this.awaited = awaited
    this.seen = seen
  }
}

/** What is broken was let in: the check, or the cluster, does not look. */
export class NotRefusedError extends Error {
  override readonly name = 'NotRefusedError'
  readonly what: string

  constructor(what: string) {
    super(`was let in, and is to be refused: ${what}`)
    this.what = what
  }
}
