/**
 * The same bytes as a plain Uint8Array. A Node Buffer's `slice` gives a view where a copy is meant, so readers of foreign
 * bytes begin with this.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
