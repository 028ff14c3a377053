import type { ImportAttachment, ImportRecord } from './import-record.ts'
import { recordProblem } from './import-record.ts'
import { asObject, asText } from './parse-json.ts'

export interface DiscordChannel {
  readonly id: string
  readonly name: string
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** The channel of an export, or what is wrong with it, in words. */
export function parseDiscordChannel(value: unknown): DiscordChannel | string {
  const channel = asObject(value)
  if (channel === undefined) return '"channel" is no object'
  const id = asText(channel['id'])
  if (id === '') return '"channel" has no id'
  return { id, name: asText(channel['name']) || id }
}

/** The record that an element of an export's `messages` is, or what is wrong with it, in words. */
export function parseDiscordMessage(value: unknown, channel: DiscordChannel): ImportRecord | string {
  const message = asObject(value)
  if (message === undefined) return 'it is no object'
  const author = asObject(message['author'])
  if (author === undefined) return '"author" is missing or no object'
  if (typeof message['content'] !== 'string') return '"content" is missing or no text'
  const timestamp = isoSeconds(message['timestamp'])
  if (timestamp === undefined) return '"timestamp" is no time such as 2022-05-16T19:28:21.094+00:00'
  const edited = message['timestampEdited'] ?? undefined
  const editedTimestamp = edited === undefined ? undefined : isoSeconds(edited)
  if (edited !== undefined && editedTimestamp === undefined) return '"timestampEdited" is no time'
  const attachments = parseAttachments(message['attachments'])
  if (typeof attachments === 'string') return attachments
  const record: ImportRecord = {
    sourceId: asText(message['id']),
    channelId: channel.id,
    channelName: channel.name,
    authorId: asText(author['id']),
    authorName: asText(author['name']),
    authorNickname: asText(author['nickname']),
    authorAvatarUrl: asText(author['avatarUrl']),
    timestamp,
    editedTimestamp,
    text: asText(message['content']),
    type: asText(message['type']),
    replyTo: message['type'] === 'Reply' ? asText(asObject(message['reference'])?.['messageId']) : '',
    attachments,
  }
  return recordProblem(record) ?? record
}

function parseAttachments(value: unknown): ImportAttachment[] | string {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return '"attachments" is no list'
  const attachments: ImportAttachment[] = []
  for (const element of value) {
    const each = asObject(element)
    if (each === undefined) return 'an attachment is no object'
    attachments.push({
      id: asText(each['id']),
      url: asText(each['url']),
      fileName: asText(each['fileName']),
      fileSizeBytes: typeof each['fileSizeBytes'] === 'number' ? each['fileSizeBytes'] : 0,
    })
  }
  return attachments
}

function isoSeconds(value: unknown): number | undefined {
  if (typeof value !== 'string' || !isoTime.test(value)) return undefined
  const milliseconds = Date.parse(value)
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}
