import { TrackerRefusalError } from './tracker-errors.ts'

/** Longer than any announcement, and than a scrape of some fifty torrents. */
const maxQueryLength = 4_096

/** What of an announcement is handed on, and in which form; the rest of those that have another one is left out. */
const announceForms: Readonly<Record<string, RegExp>> = {
  info_hash: /^/,
  peer_id: /^/,
  port: /^[1-9]\d{0,4}$/,
  left: /^\d{1,19}$/,
  event: /^(started|stopped|completed|update|paused|empty)$/,
  numwant: /^\d{1,4}$/,
  compact: /^[01]$/,
}

/**
 * Reads the query of a request over HTTP and leaves nothing in it that was not looked at: bittorrent-tracker takes over what it
 * does not know, a `socket` among it, and names what it is told as a port to others, on which it fails.
 * @throws TrackerRefusalError
 */
export function readQuery(path: '/announce' | '/scrape', query: string): string {
  if (query.length > maxQueryLength) throw refusal('the request is too long')
  const fields = query.split('&').map((part) => part.split('='))
  const hashes = fields.filter(([name]) => name === 'info_hash')
  // All torrents at once are told to nobody.
  if (hashes.length === 0) throw refusal('invalid info_hash')
  if (path === '/scrape') return textOf(hashes)
  const kept = fields.filter(([name = '', value = '', ...rest]) => rest.length === 0 && formOf(name)?.test(value))
  if (hashes.length > 1) throw refusal('invalid info_hash')
  if (kept.filter(([name]) => name === 'port').length !== 1) throw refusal('invalid port')
  return textOf(kept)
}

function formOf(name: string): RegExp | undefined {
  return Object.hasOwn(announceForms, name) ? announceForms[name] : undefined
}

function textOf(fields: readonly (readonly string[])[]): string {
  return fields.map((parts) => parts.join('=')).join('&')
}

function refusal(message: string): TrackerRefusalError {
  return new TrackerRefusalError('malformed', message)
}
