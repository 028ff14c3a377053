/** An owner's signer did not say what it had to, or not in time. */
export class AttachProtocolError extends Error {
  override readonly name = 'AttachProtocolError'
  readonly problem: string

  constructor(problem: string) {
    super(`the signer ${problem}; use the signer of the same version as the host`)
    this.problem = problem
  }
}

/** No owner's signer may attach for the community, or not this one. Which of both is not said. */
export class AttachRefusedError extends Error {
  override readonly name = 'AttachRefusedError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`no signer of ${communityId} may attach, or it does not hold its key: the host makes a token for it first`)
    this.communityId = communityId
  }
}

/** Whoever answers at the host's address does not know the token. */
export class HostNotTrustedError extends Error {
  override readonly name = 'HostNotTrustedError'
  readonly address: string

  constructor(address: string) {
    super(`whoever answers at ${address} does not know the signer token: compare it with the one that the host made`)
    this.address = address
  }
}
