/** Bytes of an answer were more than allowed. */
class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError'
}

/**
 * Hands on an answer part by part, as long as it is not longer than allowed: a host can send without end, whatever it
 * announces. The rest is cancelled where anything fails.
 */
export async function readParts(
  response: Response,
  maxBytes: number,
  onPart: (part: Uint8Array) => void | Promise<void>,
): Promise<void> {
  // Not every browser can iterate over a body.
  const reader = response.body?.getReader()
  let sizeBytes = 0
  try {
    for (;;) {
      const { value: part } = (await reader?.read()) ?? { value: undefined }
      if (part === undefined) return
      sizeBytes += part.length
      if (sizeBytes > maxBytes) throw new AnswerTooLongError(`more than ${maxBytes} bytes`)
      await onPart(part)
    }
  } catch (error) {
    await reader?.cancel().catch(() => {})
    throw error
  }
}

/** The whole of an answer. */
export async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await readParts(response, maxBytes, (part) => void parts.push(part))
  return join(parts)
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
