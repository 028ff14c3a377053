/**
 * True of `0x` and the 66 lower-case hex digits of a compressed public key (formats §1). Only such a text is ever a
 * folder's name. That the digits are a point of the curve is `parseCommunityId`'s matter, in the crypto library.
 */
export function isCommunityIdText(text: string): boolean {
  return /^0x0[23][0-9a-f]{64}$/.test(text)
}
