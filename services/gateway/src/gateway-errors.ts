export interface FieldViolation {
  /** The request's field, as the protocol names it. */
  readonly field: string
  readonly description: string
}

/** A request says what no request may say. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError'
  readonly violations: readonly FieldViolation[]

  constructor(...violations: FieldViolation[]) {
    super(violations.map(({ field, description }) => `${field} ${description}`).join('; '))
    this.violations = violations
  }
}

/** The request needs the community's private key, and this node does not have it. */
export class NotControlNodeError extends Error {
  override readonly name = 'NotControlNodeError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`this node is not the control node of community ${communityId}; ask the node that holds its private key`)
    this.communityId = communityId
  }
}

/** The request is for members, and this node makes the community's archives itself. */
export class OwnCommunityError extends Error {
  override readonly name = 'OwnCommunityError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `this node is the control node of community ${communityId} and has all of its archives; fetch on a member's node`,
    )
    this.communityId = communityId
  }
}

/** The answer would be secret, and the caller is on another machine. */
export class CallerElsewhereError extends Error {
  override readonly name = 'CallerElsewhereError'

  constructor() {
    super('keys are handed out on the node’s own machine only: run the command there, on its socket or on loopback')
  }
}

/** The request needs archiving to be on. */
export class ArchivingOffError extends Error {
  override readonly name = 'ArchivingOffError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`archiving is off for community ${communityId}; switch it on first`)
    this.communityId = communityId
  }
}

/** There is no archive of the community here yet. */
export class NothingToSeedError extends Error {
  override readonly name = 'NothingToSeedError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`there is no archive of community ${communityId} here yet; one has to be made or fetched first`)
    this.communityId = communityId
  }
}

/** The newest archive is announced once it is served, and it is not yet. */
export class NotSeededError extends Error {
  override readonly name = 'NotSeededError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`the newest archive of community ${communityId} is not seeded yet; it is announced as soon as it is`)
    this.communityId = communityId
  }
}

/** There is no announcement yet that could be repeated. */
export class NothingAnnouncedError extends Error {
  override readonly name = 'NothingAnnouncedError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `nothing was announced of community ${communityId} yet; its newest archive is announced as soon as it is seeded`,
    )
    this.communityId = communityId
  }
}

/** The announcement waits for the signature of the owner, and goes out when it is signed. */
export class SignatureAwaitedError extends Error {
  override readonly name = 'SignatureAwaitedError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `the announcement of community ${communityId} waits for the signature of its owner; it goes out as soon as it is signed`,
    )
    this.communityId = communityId
  }
}

/** Archives take in the messages of chats, and there is none. */
export class NoChatsError extends Error {
  override readonly name = 'NoChatsError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`community ${communityId} has no chats; add some first`)
    this.communityId = communityId
  }
}

/** There is no message that is in no archive yet. */
export class NothingToArchiveError extends Error {
  override readonly name = 'NothingToArchiveError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`there is no message of community ${communityId} that is not sealed yet`)
    this.communityId = communityId
  }
}

/** A range was declared due and has no result yet. */
export class ArchiveUnderWayError extends Error {
  override readonly name = 'ArchiveUnderWayError'
  readonly communityId: string
  /** Unix seconds, [from, to). */
  readonly range: { readonly from: number; readonly to: number }

  constructor(communityId: string, range: { readonly from: number; readonly to: number }) {
    super(
      `an archive of community ${communityId} is being made, up to ${new Date(range.to * 1000).toISOString()}; ask again when it is done`,
    )
    this.communityId = communityId
    this.range = range
  }
}

/** There is no token of this id. */
export class TokenUnknownError extends Error {
  override readonly name = 'TokenUnknownError'
  readonly tokenId: string

  constructor(tokenId: string) {
    super('there is no token of this id; ListTokens shows those that there are')
    this.tokenId = tokenId
  }
}

/** No event has this id or stands at this position, or it is of a name that only a newer version knows. */
export class EventNotFoundError extends Error {
  override readonly name = 'EventNotFoundError'
  /** The id or the position that was asked for. */
  readonly event: string

  constructor(event: string) {
    super(`there is no event ${event} in the log that this version could show; StreamEvents shows what there is`)
    this.event = event
  }
}

/** Somebody else changed the same thing at the same moment, and their change stands. */
export class ConcurrentChangeError extends Error {
  override readonly name = 'ConcurrentChangeError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`community ${communityId} was changed by somebody else at the same moment; look at it and try again`)
    this.communityId = communityId
  }
}

/** The call took longer than a call without a deadline of its own may take. */
export class DefaultDeadlineError extends Error {
  override readonly name = 'DefaultDeadlineError'

  constructor(seconds: number) {
    super(`the call took more than ${seconds} seconds; what it asked for may still be done. Set a longer deadline`)
  }
}

/** The gateway is being stopped. */
export class StoppingError extends Error {
  override readonly name = 'StoppingError'

  constructor() {
    super('the node is stopping; call again when it is back')
  }
}

/** The call brought no token, or a wrong one. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError'

  constructor() {
    super('the token is missing or wrong; give the one that the node has in ANNALS_TOKEN')
  }
}

/** The gateway is to be reached from other machines, or by browsers beside other gateways, and no token was set. */
export class TokenRequiredError extends Error {
  override readonly name = 'TokenRequiredError'
  /** The one that says so. */
  readonly variable: 'ANNALS_GRPC' | 'ANNALS_HTTP'
  readonly address: string

  constructor(variable: 'ANNALS_GRPC' | 'ANNALS_HTTP', address: string) {
    super(
      variable === 'ANNALS_GRPC'
        ? `ANNALS_GRPC is ${address}, which other machines can reach: set ANNALS_TOKEN, or listen on 127.0.0.1 or a socket`
        : `ANNALS_HTTP is ${address}, and NATS_URL is set: set ANNALS_TOKEN, the same for all gateways`,
    )
    this.variable = variable
    this.address = address
  }
}

/** The gateway cannot listen for HTTP there. */
export class HttpAddressUnavailableError extends Error {
  override readonly name = 'HttpAddressUnavailableError'
  readonly address: string

  constructor(address: string, options: ErrorOptions) {
    const { cause } = options
    super(
      `cannot listen on ${address} for HTTP${cause instanceof Error ? `: ${cause.message}` : ''}; set another ANNALS_HTTP`,
      options,
    )
    this.address = address
  }
}

/** The address cannot be used: somebody else listens there, or could, or it is not there. */
export class AddressUnavailableError extends Error {
  override readonly name = 'AddressUnavailableError'
  readonly address: string

  constructor(address: string, options?: ErrorOptions) {
    const { cause } = options ?? {}
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    super(`the address ${address} cannot be used${why}; set ANNALS_GRPC to another one`, options)
    this.address = address
  }
}
