import * as fc from 'fast-check'
import { CryptoError } from '../src/index.ts'

/** Foreign bytes at their worst: good ones with some bytes changed, cut, or something put in, and noise. */
export function hostileBytes(good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(),
    remove: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(8), fc.nat(2_000)),
    insert: fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.constant(hugeLength)),
  })
  const changed = fc
    .record({ of: fc.constantFrom(...good), changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
    .map(({ of, changes }) => changes.reduce((bytes, each) => splice(bytes, each), of))
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) })
}

/** A length, or a number, of all the bits that a decoder might take at its word. */
const hugeLength = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)

function splice(
  bytes: Uint8Array,
  { at, remove, insert }: { readonly at: number; readonly remove: number; readonly insert: Uint8Array },
): Uint8Array {
  const start = at % (bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)])
}

/** A typed error is an answer too; anything else is a defect and comes through. */
export async function valueOrError<T>(read: () => T | Promise<T>): Promise<T | CryptoError> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CryptoError) return error
    throw error
  }
}
