const hashBytes = 32

/** Bytes of base64 text, of either alphabet, with or without padding; `undefined` if it is none. */
export function parseBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/=+$/, '')
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9+/_-]*$/.test(digits)) return undefined
  return new Uint8Array(Buffer.from(digits, 'base64'))
}

/**
 * A message hash as 64 lower-case hex digits: newer nodes write it as `0x` and hex, older ones in base64. `undefined` if it is
 * neither.
 */
export function parseHash(text: string): string | undefined {
  const hex = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text)?.[1]
  if (hex !== undefined) return hex.toLowerCase()
  const bytes = text.length > 2 * hashBytes ? undefined : parseBase64(text)
  return bytes?.length === hashBytes ? Buffer.from(bytes).toString('hex') : undefined
}
