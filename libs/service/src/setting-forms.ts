import { isIP } from 'node:net'
import { InvalidWakuAddressError, openWakuNode } from '@annals/waku'
import { z } from 'zod'
import type { HealthAddress } from './health-server.ts'

/** Parts separated by commas. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** Addresses of REST interfaces. */
export const wakuNodes = list.pipe(z.array(z.url({ protocol: /^https?$/ }).refine(isWakuAddress)))

export const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))

/** `key=value` pairs as OpenTelemetry has them: separated by commas, each part percent-encoded. */
export const pairs = list
  .pipe(z.array(z.string().refine(isPair)))
  .transform((parts): Readonly<Record<string, string>> => Object.fromEntries(parts.map(decodePair)))

export const pairsForm = 'pairs like key=value separated by commas, percent-encoded; empty for none'

/** Where to listen, `host:port`; nothing for an empty text. */
export const address = z.string().transform(toAddress)

/** Scheme, host and port of a web server as others name it, without a slash at the end; empty for none. */
export const origin = z.string().transform(toOrigin)

/** Addresses and networks, and the names that proxies' settings have for those nobody else is in. */
export const networks = list.pipe(z.array(z.string().refine(isNetwork)))

const namedNetworks: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

function isNetwork(text: string): boolean {
  if (namedNetworks.has(text)) return true
  const [, host = '', prefix] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(host)] ?? 0
  return longest > 0 && (prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= longest))
}

function isPair(text: string): boolean {
  try {
    const [key] = decodePair(text)
    return text.includes('=') && key !== ''
  } catch (error) {
    if (error instanceof URIError) return false
    throw error
  }
}

/** @throws URIError where it is not encoded as it should be */
function decodePair(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  return [decodeURIComponent(text.slice(0, at).trim()), decodeURIComponent(text.slice(at + 1).trim())]
}

function toAddress(text: string, context: z.RefinementCtx<string>): HealthAddress | undefined {
  if (text === '') return undefined
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  context.addIssue('no host:port')
  return z.NEVER
}

function toOrigin(text: string, context: z.RefinementCtx<string>): string {
  const url = text === '' ? undefined : URL.parse(text)
  if (text === '') return text
  if (url !== null && url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`)
    return url.origin
  context.addIssue('no origin')
  return z.NEVER
}

function isWakuAddress(url: string): boolean {
  try {
    openWakuNode({ url })
    return true
  } catch (error) {
    if (error instanceof InvalidWakuAddressError) return false
    throw error
  }
}
