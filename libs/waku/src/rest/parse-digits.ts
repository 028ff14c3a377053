/** A JSON number as a node wrote it; longer ones are no number of this interface. */
const mostDigits = 20

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/**
 * Parses JSON; whole numbers above 2^53 come out as `bigint`, with the digits that were sent. Waku's times are nanoseconds:
 * `JSON.parse` alone would alter them, and with them a message's hash.
 * @throws SyntaxError, RangeError (nested too deeply)
 */
export function parseDigits(text: string): unknown {
  // The types do not know of the third argument yet.
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
}

const keepDigits: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && isWhole(source) ? BigInt(source) : value

function isWhole(source: string | undefined): source is string {
  return source !== undefined && source.length <= mostDigits && /^-?\d+$/.test(source)
}
