/** The types of `ApplicationMetadataMessage` that a community's key signs here: COMMUNITY_DESCRIPTION, and 43 (formats §5, §8). */
export const signableTypes = { description: 25, magnetLink: 43 } as const

export type SignableType = (typeof signableTypes)[keyof typeof signableTypes]

/** What is to be signed: the whole message, not its hash, so that whoever signs can see it and refuse. */
export interface SignatureRequest {
  readonly communityId: string
  readonly type: SignableType
  /** What the signature covers: keccak256 of it is signed. */
  readonly payload: Uint8Array
}

/** Signs as a community does, wherever its key may be. */
export interface Signer {
  /**
   * 65 bytes R ‖ S ‖ V, V 0 or 1, over keccak256 of the payload. The same request has the same signature (RFC 6979), so
   * asking again after a crash is safe.
   * @throws NoSigningKeyError, SignerUnavailableError (ask again later), SignerRefusedError
   */
  sign(request: SignatureRequest): Promise<Uint8Array>
}
