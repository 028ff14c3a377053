import type { StoredMessage } from '@annals/nats'
import { parseEventSubject } from './subjects.ts'

/** A community's events of some names (of any, where there are none) behind a position. */
export interface CommunityQuestion {
  /** As the subjects have it. */
  readonly community: string
  readonly names: readonly string[] | undefined
  readonly after: number
}

/** What somebody found out. */
export interface Finding extends CommunityQuestion {
  /** Of the event at `after`, as its subject has it, where that was looked at. */
  readonly token?: string
}

interface Place {
  readonly sequence: number
  readonly name: string
  readonly token: string
}

interface Older {
  readonly after: number
  readonly token: string | undefined
  readonly sequences: readonly number[]
}

/** What is kept of whole messages, bytes. */
const keptBytes = 8 * 1024 * 1024

/** What a message takes besides its payload: its headers, mostly. */
const messageOverheadBytes = 1_500

/**
 * Where the events of each community stand, of those that came by in an unbroken reading of the log's end, and of those
 * before it that somebody has found out. With it nobody needs to ask the server what is new in a community: that costs
 * the server the more the more the log holds of others.
 */
export class RecentEvents {
  /** The reading began behind it. */
  readonly #start: number
  readonly #recent = new Map<string, Place[]>()
  /** By community and names. */
  readonly #older = new Map<string, Older>()
  readonly #names = new Map<string, string>()
  readonly #messages = new Map<number, StoredMessage>()
  #bytes = 0
  #size = 0

  constructor(start: number) {
    this.#start = start
  }

  /** How many places are remembered; about 200 bytes each. */
  get size(): number {
    return this.#size
  }

  /** Takes the next event of the log. */
  take(message: StoredMessage): void {
    const { sequence, subject } = message
    const { name, community, token } = parseEventSubject(subject)
    const place = { sequence, name: this.#intern(name), token }
    const places = this.#recent.get(community)
    if (places === undefined) this.#recent.set(community, [place])
    else places.push(place)
    this.#size += 1
    this.#keep(message)
  }

  #intern(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#names.set(name, name)
    return name
  }

  #keep(message: StoredMessage): void {
    this.#messages.set(message.sequence, message)
    this.#bytes += sizeOf(message)
    for (const [sequence, oldest] of this.#messages) {
      if (this.#bytes <= keptBytes) return
      this.#messages.delete(sequence)
      this.#bytes -= sizeOf(oldest)
    }
  }

  /** The positions that answer a question, in order; `undefined` where what is known does not reach back so far. */
  find(question: CommunityQuestion): readonly number[] | undefined {
    const { community, names, after } = question
    const older = after >= this.#start ? undefined : this.#older.get(keyOf(question))
    if (after < this.#start && (older === undefined || older.after > after)) return undefined
    const found = older?.sequences.filter((sequence) => sequence > after) ?? []
    for (const { sequence, name } of this.#recent.get(community) ?? [])
      if (sequence > after && (names === undefined || names.includes(name))) found.push(sequence)
    return found
  }

  /** Says where the events stand that answer a question, by somebody who began to ask after this reading began. */
  tell(finding: Finding, sequences: readonly number[]): void {
    const { after, token } = finding
    const key = keyOf(finding)
    const known = this.#older.get(key)
    if (after >= this.#start || (known !== undefined && known.after <= after)) return
    const sequencesBefore = sequences.filter((sequence) => sequence <= this.#start)
    this.#older.set(key, { after, token, sequences: sequencesBefore })
    this.#size += 1 + sequencesBefore.length - (known === undefined ? 0 : 1 + known.sequences.length)
  }

  /** What the subject of the event at `after` ends with, if that is one of the community's and known. */
  tokenAt(question: CommunityQuestion): string | undefined {
    const { community, after } = question
    if (after > this.#start) return this.#recent.get(community)?.find(({ sequence }) => sequence === after)?.token
    const older = this.#older.get(keyOf(question))
    return older?.after === after ? older.token : undefined
  }

  /** A message that came by a moment ago. */
  message(sequence: number): StoredMessage | undefined {
    return this.#messages.get(sequence)
  }
}

function keyOf({ community, names }: CommunityQuestion): string {
  return `${community} ${names?.join() ?? '*'}`
}

function sizeOf({ payload }: StoredMessage): number {
  return payload.length + messageOverheadBytes
}
