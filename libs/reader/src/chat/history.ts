import type { ChatChange, ChatMessage } from './chat-message.ts'
import type { DecodedWeek } from './decode-week.ts'
import { Pacer } from './pacer.ts'

/** A channel as far as loaded weeks know it. */
export interface Channel {
  readonly channelId: string
  /** Empty where nobody said. */
  readonly name: string
  readonly messages: number
}

/** A message that was found, and the week it is in. */
export interface FoundMessage {
  readonly weekId: string
  readonly message: ChatMessage
}

interface Changes {
  /** By sender: the newest edit of each. */
  readonly edits: Map<string, ChatChange & { readonly kind: 'edit' }>
  readonly deletedBy: Set<string>
}

/** The messages of the weeks that are loaded, with what later ones say of earlier ones. */
export class History {
  readonly #communityId: string
  readonly #channelNames: ReadonlyMap<string, string>
  readonly #weeks = new Map<string, DecodedWeek>()
  readonly #channelCounts = new Map<string, ReadonlyMap<string, number>>()
  readonly #found = new Map<string, FoundMessage>()
  readonly #changes = new Map<string, Changes>()
  #messageCount = 0

  constructor(communityId: string, channelNames: ReadonlyMap<string, string>) {
    this.#communityId = communityId
    this.#channelNames = channelNames
  }

  get messageCount(): number {
    return this.#messageCount
  }

  week(weekId: string): DecodedWeek | undefined {
    return this.#weeks.get(weekId)
  }

  /** Takes a week in, in place of what it was before. */
  add(weekId: string, week: DecodedWeek): void {
    this.remove(weekId)
    this.#weeks.set(weekId, week)
    this.#messageCount += week.messages.length
    const counts = new Map<string, number>()
    for (const message of week.messages) {
      const { id, channelId } = message
      counts.set(channelId, (counts.get(channelId) ?? 0) + 1)
      if (!this.#found.has(id)) this.#found.set(id, { weekId, message })
    }
    this.#channelCounts.set(weekId, counts)
    for (const change of week.changes) this.#note(change)
  }

  /** Forgets a week's messages. What it says of others' stays. */
  remove(weekId: string): void {
    const week = this.#weeks.get(weekId)
    if (week === undefined) return
    this.#weeks.delete(weekId)
    this.#channelCounts.delete(weekId)
    this.#messageCount -= week.messages.length
    for (const { id } of week.messages) if (this.#found.get(id)?.weekId === weekId) this.#found.delete(id)
  }

  /** Channels of loaded weeks, or of one: by name, then by id. */
  channels(weekId?: string): Channel[] {
    const counts = new Map<string, number>()
    for (const [week, ofWeek] of this.#channelCounts)
      if (weekId === undefined || week === weekId)
        for (const [channelId, count] of ofWeek) counts.set(channelId, (counts.get(channelId) ?? 0) + count)
    return [...counts]
      .map(([channelId, messages]) => ({ channelId, name: this.#channelNames.get(channelId) ?? '', messages }))
      .sort((a, b) => (a.name || '\uffff').localeCompare(b.name || '\uffff') || (a.channelId < b.channelId ? -1 : 1))
  }

  /** Messages of a week by time, edits and deletions applied. */
  *messages(weekId: string, channelId?: string): Generator<ChatMessage, void, undefined> {
    for (const message of this.#weeks.get(weekId)?.messages ?? [])
      if (channelId === undefined || message.channelId === channelId) yield this.#changed(message)
  }

  /** The message that another one answers, if its week is loaded. */
  find(messageId: string): FoundMessage | undefined {
    const found = this.#found.get(messageId)
    return found && { weekId: found.weekId, message: this.#changed(found.message) }
  }

  /**
   * Messages that have a text in them or in their sender's name, whatever the case; the newest first, `limit` at most. Gives
   * others a turn meanwhile.
   */
  async search(
    text: string,
    options: { readonly limit: number; readonly signal?: AbortSignal | undefined },
  ): Promise<FoundMessage[]> {
    const wanted = text.trim().toLowerCase()
    const found: FoundMessage[] = []
    if (wanted === '') return found
    const pacer = new Pacer()
    const newestFirst = [...this.#weeks].sort(([, a], [, b]) => newestOf(b) - newestOf(a))
    for (const [weekId, { messages }] of newestFirst) {
      for (let at = messages.length - 1; at >= 0; at--) {
        if (pacer.isDue()) await pacer.breathe(options.signal)
        const message = this.#changed(messages[at]!)
        const isFound = message.text.toLowerCase().includes(wanted) || message.senderName.toLowerCase().includes(wanted)
        if (isFound && found.push({ weekId, message }) >= options.limit) return found
      }
    }
    return found
  }

  #note(change: ChatChange): void {
    const changes = this.#changes.get(change.messageId) ?? { edits: new Map(), deletedBy: new Set() }
    this.#changes.set(change.messageId, changes)
    if (change.kind === 'delete') changes.deletedBy.add(change.senderId)
    else if (change.clock >= (changes.edits.get(change.senderId)?.clock ?? 0))
      changes.edits.set(change.senderId, change)
  }

  /** Only a message's sender edits it; the community may take it back as well. */
  #changed(message: ChatMessage): ChatMessage {
    const changes = this.#changes.get(message.id)
    if (changes === undefined) return message
    const { senderId } = message
    const isImported = message.origin === 'imported'
    if (changes.deletedBy.has(this.#communityId) || (!isImported && changes.deletedBy.has(senderId)))
      return { ...message, text: '', attachments: [], deleted: true }
    const edit = changes.edits.get(isImported ? this.#communityId : senderId)
    return edit === undefined ? message : { ...message, text: edit.text, editedMilliseconds: edit.timeMilliseconds }
  }
}

function newestOf(week: DecodedWeek): number {
  return week.messages.at(-1)?.timeMilliseconds ?? 0
}
