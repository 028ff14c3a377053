import { bytesToHex } from '@noble/hashes/utils.js'
import { isCommunityIdText } from './community-id.ts'
import { MagnetLinkError } from './torrent-errors.ts'

export interface MagnetLinkParts {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly communityId: string
  readonly trackers: readonly string[]
  /** host:port; where the content can be had at once, without a tracker. */
  readonly peers?: readonly string[]
  /** Addresses of web seeds. A status-go member takes metadata from peers only, so these never stand alone. */
  readonly webSeeds?: readonly string[]
}

export interface MagnetLink {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  /** As it came: any text, and no name of a file. */
  readonly displayName?: string
  readonly trackers: string[]
  readonly peers: string[]
  readonly webSeeds: string[]
}

/** Characters of a magnet link, and addresses of one kind in it, that are taken from outside. */
const maxLinkLength = 65_536
const maxAddresses = 100

const peerPattern = /^(\[[0-9a-fA-F:.]{2,45}\]|[0-9a-zA-Z.-]{1,253}):([1-9][0-9]{0,4})$/

/**
 * A magnet link as status-go writes it: xt first, the rest in the order of their keys, percent-encoded (formats §3).
 * @throws MagnetLinkError for parts that make none
 */
export function encodeMagnetLink(parts: MagnetLinkParts): string {
  const { infoHash, communityId, trackers, peers = [], webSeeds = [] } = parts
  if (!/^[0-9a-f]{40}$/.test(infoHash)) throw new MagnetLinkError('xt', `must be 40 lower-case hex digits`)
  if (!isCommunityIdText(communityId)) throw new MagnetLinkError('dn', 'must be a community id')
  const badPeer = peers.find((peer) => !isPeer(peer))
  if (badPeer !== undefined) throw new MagnetLinkError('x.pe', `must be host:port, not "${badPeer}"`)
  return [
    `magnet:?xt=urn:btih:${infoHash}`,
    `dn=${communityId}`,
    ...trackers.map((tracker) => `tr=${percentEncode(tracker)}`),
    ...webSeeds.map((webSeed) => `ws=${percentEncode(webSeed)}`),
    // Never encoded: clients differ in whether they decode it, and host:port needs no encoding.
    ...peers.map((peer) => `x.pe=${peer}`),
  ].join('&')
}

/**
 * Reads a magnet link from outside: an info hash in hex or base32 and, beside it, the addresses that can be used. Other
 * parameters, and addresses of a form or scheme that no client takes, are left out, as status-go does.
 * @throws MagnetLinkError if there is no info hash, or more than one, or too much of anything
 */
export function decodeMagnetLink(text: string): MagnetLink {
  if (text.length > maxLinkLength) throw new MagnetLinkError('length', `is above ${maxLinkLength} characters`)
  if (!/^magnet:\?/i.test(text)) throw new MagnetLinkError('scheme', 'must be "magnet:?"')
  const parameters = text
    .slice('magnet:?'.length)
    .split('&')
    .map(readParameter)
    .filter((parameter) => parameter !== undefined)
  const all = (key: string): string[] => parameters.filter((p) => p.key === key).map((p) => p.value)
  const displayName = all('dn')[0]
  return {
    infoHash: readInfoHash(all('xt')),
    ...(displayName === undefined ? {} : { displayName }),
    trackers: bounded('tr', all('tr').filter(isAddress(['udp:', 'http:', 'https:', 'ws:', 'wss:']))),
    peers: bounded('x.pe', all('x.pe').filter(isPeer)),
    webSeeds: bounded('ws', all('ws').filter(isAddress(['http:', 'https:']))),
  }
}

function readParameter(parameter: string): { key: string; value: string } | undefined {
  const equals = parameter.indexOf('=')
  if (equals < 0) return undefined
  try {
    // A plus is a space in what Go writes, and is itself written %2B there.
    const value = decodeURIComponent(parameter.slice(equals + 1).replaceAll('+', ' '))
    // BEP 9 allows several of a kind to be numbered: xt.1, tr.2.
    return {
      key: parameter
        .slice(0, equals)
        .toLowerCase()
        .replace(/\.\d+$/, ''),
      value,
    }
  } catch {
    return undefined
  }
}

function readInfoHash(topics: readonly string[]): string {
  const hashes = new Set<string>()
  for (const topic of topics) {
    const digits = /^urn:btih:(.*)$/is.exec(topic)?.[1]
    if (digits === undefined) continue
    if (/^[0-9a-f]{40}$/i.test(digits)) hashes.add(digits.toLowerCase())
    else if (/^[a-z2-7]{32}$/i.test(digits)) hashes.add(bytesToHex(fromBase32(digits)))
    else throw new MagnetLinkError('xt', 'must have 40 hex or 32 base32 digits after urn:btih:')
  }
  const [hash, another] = [...hashes]
  if (hash === undefined) throw new MagnetLinkError('xt', 'must be there as urn:btih:')
  if (another !== undefined) throw new MagnetLinkError('xt', 'must not name two torrents')
  return hash
}

/** 32 digits of RFC 4648 base32: 20 bytes. */
function fromBase32(digits: string): Uint8Array {
  const bytes = new Uint8Array(20)
  let bits = 0
  let value = 0
  let at = 0
  for (const digit of digits.toLowerCase()) {
    value = ((value << 5) | 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(digit)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = value >> bits
    }
  }
  return bytes
}

function isAddress(protocols: readonly string[]): (text: string) => boolean {
  return (text) => protocols.includes(URL.parse(text)?.protocol ?? '')
}

/** host:port, as `x.pe` has it. */
export function isPeer(text: string): boolean {
  const port = peerPattern.exec(text)?.[2]
  return port !== undefined && Number(port) <= 65_535
}

function bounded(part: 'tr' | 'x.pe' | 'ws', values: readonly string[]): string[] {
  const different = [...new Set(values)]
  if (different.length > maxAddresses) throw new MagnetLinkError(part, `is there more than ${maxAddresses} times`)
  return different
}

/** As Go's `url.QueryEscape` but for the space, which every client reads as %20 and only some as a plus. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
