import { TrackerRefusalError } from './tracker-errors.ts'

/** A peer's description of a connection: Session Description Protocol. */
interface Description {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

interface Offer {
  readonly offer: Description
  readonly offer_id: string
}

/** What a browser says to the tracker over a WebSocket. Ids are 20 characters that stand for a byte each. */
export type Signal =
  | {
      readonly action: 'announce'
      readonly info_hash: string
      readonly peer_id: string
      readonly left?: number
      readonly event?: string
      readonly offers?: readonly Offer[]
      readonly answer?: Description
      readonly to_peer_id?: string
      readonly offer_id?: string
    }
  | { readonly action: 'scrape'; readonly info_hash: readonly string[] }

const maxOffers = 10
const maxScraped = 50
const maxDescriptionLength = 16 * 1024
const events = ['started', 'stopped', 'completed', 'update', 'paused']

/**
 * Reads a message and leaves nothing in it that was not looked at: bittorrent-tracker takes what it gets for well-formed,
 * and a list of offers with a null in it ends its process.
 * @throws TrackerRefusalError
 */
export function readSignal(text: string): Signal {
  const value = parse(text)
  if (value['action'] === 'scrape') {
    const asked = [value['info_hash']].flat()
    if (asked.length > maxScraped) throw refusal('info_hash')
    return { action: 'scrape', info_hash: asked.map((each) => readId(each, 'info_hash')) }
  }
  if (value['action'] !== 'announce') throw refusal('action')
  const left = value['left']
  const event = value['event']
  return {
    action: 'announce',
    info_hash: readId(value['info_hash'], 'info_hash'),
    peer_id: readId(value['peer_id'], 'peer_id'),
    ...(typeof left === 'number' && { left }),
    ...(typeof event === 'string' && events.includes(event) && { event }),
    ...readOffers(value['offers']),
    ...readAnswer(value),
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusal('JSON')
  }
  if (!isObject(value)) throw refusal('JSON')
  return value
}

function readOffers(value: unknown): { readonly offers?: readonly Offer[] } {
  if (value === undefined || value === null) return {}
  if (!Array.isArray(value) || value.length > maxOffers) throw refusal('offers')
  const offers = value.map((each: unknown) => {
    if (!isObject(each)) throw refusal('offers')
    return { offer: readDescription(each['offer'], 'offer'), offer_id: readId(each['offer_id'], 'offer_id') }
  })
  return { offers }
}

function readAnswer(value: Readonly<Record<string, unknown>>): Partial<Extract<Signal, { action: 'announce' }>> {
  if (value['answer'] === undefined || value['answer'] === null) return {}
  return {
    answer: readDescription(value['answer'], 'answer'),
    to_peer_id: readId(value['to_peer_id'], 'to_peer_id'),
    offer_id: readId(value['offer_id'], 'offer_id'),
  }
}

function readDescription(value: unknown, type: Description['type']): Description {
  if (!isObject(value) || value['type'] !== type) throw refusal(type)
  const { sdp } = value
  if (typeof sdp !== 'string' || sdp.length > maxDescriptionLength) throw refusal(type)
  return { type, sdp }
}

function readId(value: unknown, field: string): string {
  // oxlint-disable-next-line no-control-regex
  if (typeof value !== 'string' || !/^[\u0000-\u00ff]{20}$/.test(value)) throw refusal(field)
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusal(field: string): TrackerRefusalError {
  return new TrackerRefusalError('malformed', `invalid ${field}`)
}
