import { createHash } from 'node:crypto'

/** Longest text that stands in a subject as it is. */
const longestCharacters = 128

/**
 * Any text as one token of a subject, the same for the same text and different for different ones: itself where it is
 * plain, else `=` and its UTF-8 in base64url, or for a long one `~` and its SHA-256.
 */
export function encodeToken(text: string): string {
  if (text.length <= longestCharacters) {
    if (/^[A-Za-z0-9_-]+$/.test(text)) return text
    return `=${Buffer.from(text, 'utf8').toString('base64url')}`
  }
  return `~${createHash('sha256').update(text, 'utf8').digest('base64url')}`
}

/** 160 bits of the SHA-256 of bytes or text, as one token of a subject. */
export function digestToken(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, 20).toString('base64url')
}
