/** A route was added of which the table does not say who may use it. */
export class UnruledRouteError extends Error {
  override readonly name = 'UnruledRouteError'
  readonly verb: string
  readonly path: string

  constructor(verb: string, path: string) {
    super(`nothing says who may use ${verb} ${path}; add it to the table of routes`)
    this.verb = verb
    this.path = path
  }
}

/** Nothing stands at the address that a request names. */
export class NoRouteError extends Error {
  override readonly name = 'NoRouteError'

  constructor() {
    super('there is nothing at this address; /api/openapi.json lists what there is')
  }
}

/** The token is good and does not allow this. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError'

  constructor() {
    super('the token does not allow this; ask the operator')
  }
}

/** The request names a host that this is not: a page of somebody else may have sent it here. */
export class ForeignHostError extends Error {
  override readonly name = 'ForeignHostError'

  constructor() {
    super('this host is not known here; set ANNALS_PUBLIC_URL to the address under which others reach the node')
  }
}

/** The request was sent by a page of somebody else. */
export class ForeignOriginError extends Error {
  override readonly name = 'ForeignOriginError'

  constructor() {
    super('nothing is changed for a page of somebody else')
  }
}

/** More requests came from one address than are answered. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError'

  constructor() {
    super('too many requests came from this address; try again in a minute')
  }
}

/** More streams of events are open than are served. */
export class TooManyStreamsError extends Error {
  override readonly name = 'TooManyStreamsError'

  constructor() {
    super('too many streams of events are open; close some, or try again later')
  }
}

/** A reader of a stream took nothing for too long. */
export class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError'

  constructor(seconds: number) {
    super(`nothing was read for ${seconds} seconds; come again with Last-Event-ID, and it goes on from there`)
  }
}

/** Whoever asked is gone: nobody hears of it. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'

  constructor() {
    super('the connection was closed before the answer')
  }
}

/** What came is not a request that is understood, or took too long to come. */
export class NotHttpError extends Error {
  override readonly name = 'NotHttpError'
  readonly refusal: 'malformed' | 'headers-too-large' | 'too-slow' | 'expectation'

  /** @param code Node's, or `expectation` */
  constructor(code: string | undefined) {
    const refusal = refusals[code ?? ''] ?? 'malformed'
    super(
      {
        malformed: 'this is no request as HTTP/1.1 has it',
        'headers-too-large': 'the headers are too long: 16 KiB are taken',
        'too-slow': 'the request took too long to come; send it again',
        expectation: 'nothing is known of what the Expect header asks for; leave it out',
      }[refusal],
    )
    this.refusal = refusal
  }
}

const refusals: Readonly<Record<string, NotHttpError['refusal']>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
  expectation: 'expectation',
}

/** Two handlers want the same upgrade requests. */
export class UpgradeTakenError extends Error {
  override readonly name = 'UpgradeTakenError'
  readonly path: string

  constructor(path: string) {
    super(`two parts want to upgrade connections at ${path}`)
    this.path = path
  }
}
