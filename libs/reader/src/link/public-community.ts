import { readBounded } from '@annals/torrents/browser'
import { PublicLinkError } from '../errors.ts'

/** What a node says of a community it has made public: `annals.api.v1` as JSON. Only the announcement is signed. */
export interface PublicCommunity {
  readonly communityId: string
  readonly name: string
  readonly magnetLink: string
  /** The signed announcement: an encoded ApplicationMetadataMessage. Empty where there is none. */
  readonly announcement: Uint8Array
  /** Addresses of web seeds beside those of the magnet link. */
  readonly webSeeds: readonly string[]
  readonly trackers: readonly string[]
  /** Names of channels by channel id, as the node knows them. */
  readonly channels: readonly { readonly channelId: string; readonly name: string }[]
}

const maxAnswerBytes = 4 << 20
const maxListed = 10_000

export interface AskOptions {
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  /** For the whole of the answer. */
  readonly timeoutSeconds: number
}

/**
 * Asks a node for what it has made public of a community.
 * @throws PublicLinkError, the signal's reason
 */
export async function fetchPublicCommunity(apiUrl: string, options: AskOptions): Promise<PublicCommunity> {
  const { signal, timeoutSeconds } = options
  const enough = new AbortController()
  const timer = setTimeout(() => enough.abort(), timeoutSeconds * 1000)
  const refuse = (status: number | undefined, problem: string, cause: unknown): unknown => {
    if (signal.aborted) return cause
    const why = enough.signal.aborted ? `no whole answer came within ${timeoutSeconds} s` : problem
    return new PublicLinkError(apiUrl, status, why, { cause })
  }
  try {
    const either = AbortSignal.any([signal, enough.signal])
    const response = await ask(apiUrl, options.fetch, either).catch((cause: unknown) => {
      throw refuse(undefined, 'no answer came', cause)
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new PublicLinkError(apiUrl, response.status, `the answer was HTTP status ${response.status}`)
    }
    const body = await readBounded(response, maxAnswerBytes).catch((cause: unknown) => {
      throw refuse(response.status, 'the answer was cut off or too long', cause)
    })
    return parsePublicCommunity(apiUrl, new TextDecoder().decode(body))
  } finally {
    clearTimeout(timer)
  }
}

function ask(apiUrl: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<Response> {
  return fetch(apiUrl, { signal, credentials: 'omit', headers: { accept: 'application/json' } })
}

/** @throws PublicLinkError */
export function parsePublicCommunity(apiUrl: string, json: string): PublicCommunity {
  const refuse = (problem: string, cause?: unknown): PublicLinkError =>
    new PublicLinkError(apiUrl, 200, problem, { cause })
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw refuse('the answer is no JSON', cause)
  }
  if (typeof value !== 'object' || value === null) throw refuse('the answer is no JSON object')
  const fields = value as Record<string, unknown>
  const text = (name: string): string => {
    const found = fields[name] ?? ''
    if (typeof found !== 'string') throw refuse(`"${name}" of the answer is no text`)
    return found
  }
  const list = (name: string): unknown[] => {
    const found = fields[name] ?? []
    if (!Array.isArray(found) || found.length > maxListed)
      throw refuse(`"${name}" of the answer is no list of bearable length`)
    return found
  }
  const texts = (name: string): string[] => list(name).filter((each) => typeof each === 'string')
  const channels = list('channels').flatMap((each) => {
    const { channelId, name } = (each ?? {}) as Record<string, unknown>
    return typeof channelId === 'string' && typeof name === 'string' ? [{ channelId, name }] : []
  })
  const magnetLink = text('magnetLink')
  if (magnetLink === '') throw refuse('nothing was archived of the community yet')
  return {
    communityId: text('communityId'),
    name: text('name'),
    magnetLink,
    announcement: fromBase64(text('announcement'), () => refuse('"announcement" of the answer is no base64')),
    webSeeds: texts('webSeeds'),
    trackers: texts('trackers'),
    channels,
  }
}

/** Both alphabets, with or without padding, as protobuf's JSON has it. */
function fromBase64(text: string, refuse: () => Error): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    throw refuse()
  }
}
