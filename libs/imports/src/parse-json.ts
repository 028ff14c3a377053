const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that may be JSON text, or what is wrong with them. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

export function parseJson(bytes: Uint8Array): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(utf8.decode(bytes)) }
  } catch (error) {
    return { ok: false, problem: error instanceof SyntaxError ? 'it is not JSON' : 'it is not UTF-8' }
  }
}

/** An object of JSON; `undefined` for anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** Text without lone surrogates, which no UTF-8 can hold; empty for anything that is no text. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : ''
}
