/** A message of another system, as its export has it. All text is well-formed Unicode. */
export interface ImportRecord {
  /** Unique in the source and the same in every export of it. */
  readonly sourceId: string
  readonly channelId: string
  readonly channelName: string
  readonly authorId: string
  readonly authorName: string
  readonly authorNickname: string
  readonly authorAvatarUrl: string
  /** Unix seconds. */
  readonly timestamp: number
  /** Unix seconds; absent where it was never edited. */
  readonly editedTimestamp?: number | undefined
  readonly text: string
  /** The source's word for the kind of message, such as Default or Reply. */
  readonly type: string
  /** Source id of the message that this one answers; empty where it answers none. */
  readonly replyTo: string
  readonly attachments: readonly ImportAttachment[]
}

/** What a message had attached, by reference: the bytes are not in an export. */
export interface ImportAttachment {
  readonly id: string
  readonly url: string
  readonly fileName: string
  readonly fileSizeBytes: number
}

/**
 * A record is no longer than this in its export; a longer one is set aside. Readers of messages look at one MiB at most,
 * and a message is hardly longer than its record.
 */
export const maxRecordBytes = 900 * 1024

/** status-go keeps the time of a message as uint32 seconds, and takes 0 for no time. */
export const maxTimestampSeconds = 0xffff_ffff

const maxIdLength = 128
const maxNameLength = 512
const maxUrlLength = 4096
const maxAttachments = 100

/**
 * What is wrong with a record, in words; `undefined` if it can be used. Ids become parts of other ids, so control
 * characters are refused in them.
 */
export function recordProblem(record: ImportRecord): string | undefined {
  const ids: [string, string, number][] = [
    ['the message id', record.sourceId, 1],
    ['the channel id', record.channelId, 1],
    ['the author id', record.authorId, 1],
    ['the id of the answered message', record.replyTo, 0],
    ['the type', record.type, 0],
  ]
  for (const [what, text, atLeast] of ids) {
    if (text.length < atLeast || text.length > maxIdLength)
      return `${what} has ${text.length} characters; ${atLeast} to ${maxIdLength} are allowed`
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(text)) return `${what} has a control character`
  }
  for (const [what, time] of [
    ['the timestamp', record.timestamp],
    ['the time of the edit', record.editedTimestamp],
  ] as const) {
    if (time !== undefined && !(Number.isInteger(time) && time >= 1 && time <= maxTimestampSeconds))
      return `${what} is ${time}; whole Unix seconds from 1 to ${maxTimestampSeconds} are expected`
  }
  const names = [record.channelName, record.authorName, record.authorNickname]
  if (names.some((name) => name.length > maxNameLength)) return `a name is longer than ${maxNameLength} characters`
  const { attachments } = record
  if (attachments.length > maxAttachments)
    return `it has ${attachments.length} attachments; ${maxAttachments} are allowed`
  if ([record.authorAvatarUrl, ...attachments.map((each) => each.url)].some((url) => url.length > maxUrlLength))
    return `an address is longer than ${maxUrlLength} characters`
  if (attachments.some((each) => each.id.length > maxIdLength || each.fileName.length > maxNameLength))
    return 'an attachment has an id or a name that is too long'
  if (attachments.some((each) => !Number.isSafeInteger(each.fileSizeBytes) || each.fileSizeBytes < 0))
    return 'an attachment has a size that is no whole number of bytes'
  return undefined
}
