import { hash } from 'node:crypto'

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
  return `~${hash('sha256', text, 'base64url')}`
}

/** So many characters of base64url are 162 bits. */
const digestCharacters = 27

/** 162 bits of the SHA-256 of bytes or text, as one token of a subject. */
export function digestToken(content: string | Uint8Array): string {
  return hash('sha256', content, 'base64url').slice(0, digestCharacters)
}
