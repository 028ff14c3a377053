import type { ChatMessage } from '../chat/chat-message.ts'
import { Pacer } from '../chat/pacer.ts'
import type { Tally } from '../chat/tally.ts'
import type { Signature } from '../link/check-announcement.ts'
import { htmlFoot, htmlHead, htmlMessage } from './html-page.ts'

export type ExportFormat = 'json' | 'ndjson' | 'html'

/** A file to hand to a person. */
export interface Export {
  readonly fileName: string
  readonly mediaType: string
  readonly blob: Blob
}

/** What an export says of where it is from. */
export interface ExportedWeek {
  readonly communityId: string
  readonly communityName: string
  readonly infoHash: string
  readonly signature: Signature
  /** Unix seconds, [from, to). */
  readonly from: number
  readonly to: number
  readonly tally: Tally
  readonly channelNames: ReadonlyMap<string, string>
  readonly messages: Iterable<ChatMessage>
}

/** Characters that are joined before they become part of the file. */
const partCharacters = 1 << 18

/**
 * A week as a file: `json` one document, `ndjson` a message a line, `html` a plain page to print, with nothing in it that
 * runs or loads. Gives others a turn meanwhile. @throws the signal's reason
 */
export async function exportWeek(week: ExportedWeek, format: ExportFormat, signal?: AbortSignal): Promise<Export> {
  const { communityId, from, to } = week
  const mediaType = { json: 'application/json', ndjson: 'application/x-ndjson', html: 'text/html;charset=utf-8' }[
    format
  ]
  const parts: Blob[] = []
  const pacer = new Pacer()
  let text = ''
  for (const line of linesOf(week, format)) {
    text += line
    if (text.length >= partCharacters) {
      parts.push(new Blob([text]))
      text = ''
    }
    if (pacer.isDue()) await pacer.breathe(signal)
  }
  parts.push(new Blob([text]))
  const fileName = `${communityId.slice(0, 12)}-${dayOf(from)}-${dayOf(to)}.${format}`
  return { fileName, mediaType, blob: new Blob(parts, { type: mediaType }) }
}

function linesOf(week: ExportedWeek, format: ExportFormat): Iterable<string> {
  switch (format) {
    case 'json':
      return jsonLines(week)
    case 'ndjson':
      return ndjsonLines(week)
    case 'html':
      return htmlLines(week)
    default:
      return format satisfies never
  }
}

function* jsonLines(week: ExportedWeek): Generator<string, void, undefined> {
  const { communityId, communityName, infoHash, signature, from, to, tally } = week
  const { otherTypes, unreadable, ...counts } = tally
  const head = {
    communityId,
    communityName,
    infoHash,
    signature,
    from: new Date(from * 1000).toISOString(),
    to: new Date(to * 1000).toISOString(),
    counts: { ...counts, otherTypes: Object.fromEntries(otherTypes), unreadable: Object.fromEntries(unreadable) },
  }
  yield `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "messages": [`
  let before = '\n    '
  for (const message of week.messages) {
    yield before + JSON.stringify(toRecord(message, week.channelNames))
    before = ',\n    '
  }
  yield '\n  ]\n}\n'
}

function* ndjsonLines(week: ExportedWeek): Generator<string, void, undefined> {
  for (const message of week.messages) yield `${JSON.stringify(toRecord(message, week.channelNames))}\n`
}

function* htmlLines(week: ExportedWeek): Generator<string, void, undefined> {
  yield htmlHead(week)
  for (const message of week.messages) yield htmlMessage(message, week.channelNames)
  yield htmlFoot()
}

function toRecord(message: ChatMessage, channelNames: ReadonlyMap<string, string>): object {
  const { timeMilliseconds, editedMilliseconds, channelId, ...rest } = message
  return {
    time: new Date(timeMilliseconds).toISOString(),
    channelId,
    channelName: channelNames.get(channelId) ?? '',
    ...rest,
    ...(editedMilliseconds !== undefined && { edited: new Date(editedMilliseconds).toISOString() }),
  }
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000)
    .toISOString()
    .slice(0, -14)
    .replaceAll(/[^0-9-]/g, '')
}
