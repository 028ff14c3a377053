/** SHA-1 by the platform, in 40 lower-case hex digits: many times faster than any written in JavaScript. */
export async function hashHex(bytes: Uint8Array): Promise<string> {
  // No piece is in memory that is shared, which its type cannot say. For browsers' types it has to be said.
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- only for Node's types it is unnecessary
  return toDigits(new Uint8Array(await crypto.subtle.digest('SHA-1', bytes as Uint8Array<ArrayBuffer>)))
}

export function toDigits(bytes: Uint8Array): string {
  let digits = ''
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0')
  return digits
}
