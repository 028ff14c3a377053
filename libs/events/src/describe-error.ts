import { inspect } from 'node:util'

/** Longest text that is kept of an error. */
const limitCharacters = 4000

/** An error and what caused it, in one line, for whoever looks at a dead letter. */
export function describeError(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error; current !== undefined && parts.length < 10;) {
    parts.push(current instanceof Error ? `${current.name}: ${current.message}` : inspect(current))
    current = current instanceof Error ? current.cause : undefined
  }
  return parts.join(' <- ').slice(0, limitCharacters)
}
