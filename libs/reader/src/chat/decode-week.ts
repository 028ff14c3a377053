import { ArchiveError, decodeArchive, type WakuMessage } from '@annals/archive'
import {
  decryptForGroup,
  isEncrypted,
  maxMessageBytes,
  SegmentAssembler,
  type LookUpGroupKey,
  type RatchetCache,
} from '@annals/crypto'
import type { ChatChange, ChatMessage } from './chat-message.ts'
import { nameOfKey } from './group-keys.ts'
import { Pacer } from './pacer.ts'
import { ChatReader } from './read-chat.ts'
import { RunningTally, type Tally } from './tally.ts'

/** An archive of a week: encoded, without its padding. */
export interface ArchiveSource {
  readonly id: string
  /** Unix seconds, [from, to). */
  readonly from: number
  readonly to: number
  read(): Promise<Uint8Array>
}

export interface DecodeWeekOptions {
  readonly communityId: string
  readonly lookUpKey: LookUpGroupKey
  readonly ratchet: RatchetCache
  readonly signal?: AbortSignal | undefined
  /** Messages so far, readable or not. Called at most once a slice. */
  readonly onProgress?: ((messages: number) => void) | undefined
}

/** An archive nothing can be made of, although its pieces are the right ones. */
export interface DamagedArchive {
  readonly id: string
  readonly error: Error
}

export interface DecodedWeek {
  /** By time; of one second in the order of the archives. */
  readonly messages: readonly ChatMessage[]
  readonly changes: readonly ChatChange[]
  readonly tally: Tally
  /** Names of the group keys that archives or messages are encrypted under and that are not here. */
  readonly missingKeys: ReadonlySet<string>
  /** Archives that wait for one of them, by id. */
  readonly waitingArchives: readonly string[]
  readonly damaged: readonly DamagedArchive[]
}

/**
 * Reads all messages of a week's archives. It gives others a turn every few milliseconds, so that a page stays quick with
 * hundreds of thousands of messages.
 * @throws what reading an archive's bytes throws, and the signal's reason
 */
export async function decodeWeek(archives: readonly ArchiveSource[], options: DecodeWeekOptions): Promise<DecodedWeek> {
  const decoder = new WeekDecoder(options)
  for (const archive of archives) await decoder.add(archive)
  return decoder.finish()
}

class WeekDecoder {
  readonly #options: DecodeWeekOptions
  readonly #chat: ChatReader
  readonly #pacer = new Pacer()
  readonly #segments = new SegmentAssembler()
  readonly #tally = new RunningTally()
  readonly #messages = new Map<string, ChatMessage>()
  readonly #changes: ChatChange[] = []
  readonly #missingKeys = new Set<string>()
  readonly #waitingArchives: string[] = []
  readonly #damaged: DamagedArchive[] = []

  constructor(options: DecodeWeekOptions) {
    this.#options = options
    this.#chat = new ChatReader(options.communityId)
  }

  async add(archive: ArchiveSource): Promise<void> {
    const plain = await this.#open(archive, await archive.read())
    if (plain === undefined) return
    let messages
    try {
      messages = decodeArchive(plain).messages()
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error
      this.#damaged.push({ id: archive.id, error })
      return
    }
    for (const message of messages) {
      this.#tally.total += 1
      // Nearly all are read at once; waiting for each would take longer than reading it.
      const decrypting = 'rejected' in message ? this.#reject() : this.#join(message, archive)
      if (decrypting !== undefined) await decrypting
      if (!this.#pacer.isDue()) continue
      this.#options.onProgress?.(this.#tally.total)
      await this.#pacer.breathe(this.#options.signal)
    }
  }

  finish(): DecodedWeek {
    return {
      messages: [...this.#messages.values()].sort((a, b) => a.timeMilliseconds - b.timeMilliseconds),
      changes: this.#changes,
      tally: this.#tally,
      missingKeys: this.#missingKeys,
      waitingArchives: this.#waitingArchives,
      damaged: this.#damaged,
    }
  }

  async #open(archive: ArchiveSource, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    if (!isEncrypted(bytes)) return bytes
    const opened = await decryptForGroup(bytes, this.#options)
    if (opened.kind === 'decrypted') return opened.plain
    if (opened.kind === 'refused') this.#damaged.push({ id: archive.id, error: opened.error })
    else {
      this.#missingKeys.add(nameOfKey(opened.wanted))
      this.#waitingArchives.push(archive.id)
    }
    return undefined
  }

  /** A message that came in one, or the last part of one that came in several: those before it wait. */
  #join(message: WakuMessage, archive: ArchiveSource): Promise<void> | undefined {
    const arrived = { chatId: String(message.topic), senderPublicKey: message.sig, data: message.payload }
    const assembled = this.#segments.add(arrived, message.timestamp * 1000)
    if (assembled.kind === 'whole') return this.#read(message, assembled.bytes, archive, 'as-sealed')
    if (assembled.kind === 'waiting') this.#tally.segments += 1
    else this.#tally.countUnreadable(message.payload.length > maxMessageBytes ? 'too-large' : 'segment')
    return undefined
  }

  #reject(): undefined {
    this.#tally.countUnreadable('format')
  }

  /** @returns what to wait for where it is encrypted */
  #read(
    message: WakuMessage,
    payload: Uint8Array,
    archive: ArchiveSource,
    state: 'as-sealed' | 'decrypted',
  ): Promise<void> | undefined {
    const read = this.#chat.read(message, payload)
    switch (read.kind) {
      case 'chat':
        this.#keep(read.message, archive)
        break
      case 'change':
        this.#tally[read.change.kind === 'edit' ? 'edits' : 'deletions'] += 1
        this.#changes.push(read.change)
        break
      case 'encrypted':
        if (state === 'as-sealed') return this.#decrypt(message, payload, archive)
        this.#tally.countUnreadable('malformed')
        break
      case 'other':
        this.#tally.countOther(read.type)
        break
      case 'unreadable':
        this.#tally.countUnreadable(read.reason)
        break
      default:
        read satisfies never
    }
    return undefined
  }

  #keep(message: ChatMessage, archive: ArchiveSource): void {
    if (this.#messages.has(message.id)) {
      this.#tally.repeated += 1
      return
    }
    this.#messages.set(message.id, message)
    this.#tally.chat += 1
    const seconds = message.timeMilliseconds / 1000
    if (seconds < archive.from || seconds >= archive.to) this.#tally.outsideRange += 1
  }

  async #decrypt(message: WakuMessage, payload: Uint8Array, archive: ArchiveSource): Promise<void> {
    const opened = await decryptForGroup(payload, this.#options)
    if (opened.kind === 'decrypted') {
      await this.#read(message, opened.plain, archive, 'decrypted')
      return
    }
    if (opened.kind === 'key-missing') this.#missingKeys.add(nameOfKey(opened.wanted))
    this.#tally.countUnreadable(opened.kind === 'key-missing' ? 'key-missing' : 'undecryptable')
  }
}
