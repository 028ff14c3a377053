/** No server answered in the time that was given for the first connection. */
export class NatsUnreachableError extends Error {
  override readonly name = 'NatsUnreachableError'
  /** Addresses without what was secret in them. */
  readonly servers: readonly string[]

  constructor(servers: readonly string[], cause: unknown) {
    super(
      `no NATS server can be reached at ${servers.join(', ')} (${reasonOf(cause)}): is it running, and is the address right?`,
      { cause },
    )
    this.servers = servers
  }
}

/** The server does not take the user, password, token or credentials file. */
export class NatsAuthorizationError extends Error {
  override readonly name = 'NatsAuthorizationError'
  readonly servers: readonly string[]

  constructor(servers: readonly string[], cause: unknown) {
    super(
      `the NATS server at ${servers.join(', ')} refuses these credentials (${reasonOf(cause)}): ` +
        'put user and password into the address, or name a credentials file',
      { cause },
    )
    this.servers = servers
  }
}

/** What was given is no address, no credentials file, no namespace or no prefix of inboxes. */
export class InvalidNatsOptionError extends Error {
  override readonly name = 'InvalidNatsOptionError'
  /** `servers`, `credentialsFile`, `namespace` or `inboxPrefix`. */
  readonly option: string

  constructor(option: string, reason: string, cause?: unknown) {
    super(`the NATS option ${option} cannot be used: ${reason}`, { cause })
    this.option = option
  }
}

/** The user may not do on the server what Annals needs. */
export class NatsPermissionError extends Error {
  override readonly name = 'NatsPermissionError'
  readonly operation: 'publish' | 'subscribe'
  /** The subject that has to be allowed. */
  readonly subject: string

  constructor(operation: 'publish' | 'subscribe', subject: string, cause?: unknown) {
    super(`the NATS user may not ${operation} on ${subject}: allow it in the permissions of its account`, { cause })
    this.operation = operation
    this.subject = subject
  }
}

/** The server runs, but without JetStream, or without it for this account. */
export class JetStreamUnavailableError extends Error {
  override readonly name = 'JetStreamUnavailableError'

  constructor(cause: unknown) {
    super(`the NATS server offers no JetStream (${reasonOf(cause)}): start it with -js, or enable it for the account`, {
      cause,
    })
  }
}

/** The answer did not come: nobody knows whether the request was carried out. */
export class NatsAnswerLostError extends Error {
  override readonly name = 'NatsAnswerLostError'
  readonly subject: string
  /** `timeout`: no answer in time. `disconnected`: the connection ended, or there was none. `closed`: the link is. */
  readonly reason: 'timeout' | 'disconnected' | 'closed'

  constructor(subject: string, reason: 'timeout' | 'disconnected' | 'closed') {
    super(`no answer came to a request on ${subject}: ${reason}`)
    this.subject = subject
    this.reason = reason
  }
}

/** Nobody listens on a subject: the stream or JetStream is not there, or not there yet. */
export class NoRespondersError extends Error {
  override readonly name = 'NoRespondersError'
  readonly subject: string

  constructor(subject: string) {
    super(`nobody answers on ${subject}: is JetStream enabled, and does the stream exist?`)
    this.subject = subject
  }
}

/** JetStream refused; its codes stand in the server's `errors.json`. */
export class JetStreamRefusedError extends Error {
  override readonly name = 'JetStreamRefusedError'
  readonly subject: string
  /** As of HTTP. */
  readonly code: number
  readonly errorCode: number
  readonly description: string

  constructor(subject: string, code: number, errorCode: number, description: string) {
    super(`JetStream refused a request on ${subject}: ${description} (${code}, ${errorCode})`)
    this.subject = subject
    this.code = code
    this.errorCode = errorCode
    this.description = description
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
