import { createHash } from 'node:crypto'
import type { ImportRecord } from './import-record.ts'
import { recordProblem } from './import-record.ts'
import { asObject, asText, parseJson } from './parse-json.ts'

/**
 * The record that a line of NDJSON holds, or what is wrong with the line, in words.
 * `{"channel", "author", "timestamp": Unix seconds, "text"}`; other members are left alone.
 */
export function parseNdjsonRecord(line: Uint8Array): ImportRecord | string {
  const parsed = parseJson(line)
  if (!parsed.ok) return parsed.problem
  const value = asObject(parsed.value)
  if (value === undefined) return 'it is no object'
  for (const member of ['channel', 'author', 'text'])
    if (typeof value[member] !== 'string') return `"${member}" is missing or no text`
  if (typeof value['timestamp'] !== 'number') return '"timestamp" is missing or no number'
  const [channel, author, text] = [asText(value['channel']), asText(value['author']), asText(value['text'])]
  const record: ImportRecord = {
    sourceId: lineId(channel, value['timestamp'], author, text),
    channelId: channel,
    channelName: channel,
    authorId: author,
    authorName: author,
    authorNickname: '',
    authorAvatarUrl: '',
    timestamp: value['timestamp'],
    text,
    type: 'Default',
    replyTo: '',
    attachments: [],
  }
  return recordProblem(record) ?? record
}

/** Lines have no id; what they say is what they are known by, so identical lines are one message. */
function lineId(...parts: (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
