import * as fc from 'fast-check'
import { ArchiveError, type Sealed, type WakuMessage } from '../src/index.ts'

/** A message of the least kind; the number makes its hash. */
export function someMessage(number: number, fields: Partial<WakuMessage> = {}): WakuMessage {
  const hash = new Uint8Array(32)
  new DataView(hash.buffer).setUint32(0, number)
  return {
    sig: new Uint8Array(65).fill(4),
    timestamp: number,
    topic: Uint8Array.of(1, 2, 3, 4),
    payload: Uint8Array.of(number & 255, 1),
    padding: Uint8Array.of(1),
    hash,
    thirdPartyId: '',
    ...fields,
  }
}

/** Any message that an archive can hold. */
export const anyMessage = fc.record({
  sig: fc.uint8Array({ maxLength: 70 }),
  timestamp: fc.oneof(fc.nat(), fc.maxSafeNat()),
  topic: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  payload: fc.uint8Array({ maxLength: 300 }),
  padding: fc.uint8Array({ maxLength: 256 }),
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // No lone surrogates: they are no text that UTF-8 has.
  thirdPartyId: fc.string({ unit: 'grapheme' }),
})

/** What is sealed, with bytes that stay. */
export async function collect(sealed: AsyncIterable<Sealed>): Promise<Sealed[]> {
  const all: Sealed[] = []
  for await (const step of sealed) all.push(step.kind === 'archive' ? { ...step, encoded: step.encoded.slice() } : step)
  return all
}

/** A typed error is an answer too; anything else is a defect and comes through. */
export function valueOrError<T>(read: () => T): T | ArchiveError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ArchiveError) return error
    throw error
  }
}

/** Foreign bytes at their worst: good ones with some bytes changed, cut, or something put in. */
export function mutations(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(good.length - 1),
    remove: fc.oneof(fc.constant(1), fc.nat(8), fc.nat(good.length)),
    insert: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 1 }), fc.uint8Array({ maxLength: 12 })),
  })
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let bytes = [...good]
    for (const { at, remove, insert } of changes) bytes = bytes.toSpliced(at, remove, ...insert)
    return Uint8Array.from(bytes)
  })
}
