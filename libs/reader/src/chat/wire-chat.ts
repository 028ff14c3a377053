// What of status-go's chat messages is read (protocol/protobuf/chat_message.proto), field by field: the generated code of
// proto/status would need Node's Buffer. The tests hold it against that code.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

export interface WireChatMessage {
  text: string
  responseTo: string
  chatId: string
  contentType: number
  displayName: string
  imported: WireImported | undefined
}

/** DiscordMessage: what an import says of where its message came from. */
export interface WireImported {
  id: string
  /** Unix seconds in digits. */
  timestampEdited: string
  content: string
  authorId: string
  authorName: string
  authorNickname: string
  replyTo: string
  attachments: { fileName: string; sizeBytes: number; url: string }[]
}

/** EditMessage, and DeleteMessage with an empty text. */
export interface WireChange {
  clock: number
  text: string
  messageId: string
}

/** status-go takes far fewer; more are left out. */
const maxAttachments = 100

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** @throws MalformedChatError */
export function decodeChatMessage(bytes: Uint8Array): WireChatMessage {
  const message: WireChatMessage = {
    text: '',
    responseTo: '',
    chatId: '',
    contentType: 0,
    displayName: '',
    imported: undefined,
  }
  eachField(bytes, (reader, field, isBytes) => {
    if (field === 8 && !isBytes) message.contentType = reader.int32()
    else if (!isBytes) return false
    else if (field === 3) message.text = readText(reader)
    else if (field === 4) message.responseTo = readText(reader)
    else if (field === 6) message.chatId = readText(reader)
    else if (field === 14) message.displayName = readText(reader)
    else if (field === 99) message.imported = decodeImported(reader.bytes())
    else return false
    return true
  })
  return message
}

/** @throws MalformedChatError */
export function decodeEdit(bytes: Uint8Array): WireChange {
  return decodeChange(bytes, { text: 2, messageId: 4 })
}

/** @throws MalformedChatError */
export function decodeDelete(bytes: Uint8Array): WireChange {
  return decodeChange(bytes, { text: 0, messageId: 3 })
}

function decodeChange(bytes: Uint8Array, fields: { readonly text: number; readonly messageId: number }): WireChange {
  const change: WireChange = { clock: 0, text: '', messageId: '' }
  eachField(bytes, (reader, field, isBytes) => {
    if (field === 1 && !isBytes) change.clock = Number(reader.uint64())
    else if (field === fields.text && isBytes) change.text = readText(reader)
    else if (field === fields.messageId && isBytes) change.messageId = readText(reader)
    else return false
    return true
  })
  return change
}

function decodeImported(bytes: Uint8Array): WireImported {
  const imported: WireImported = {
    id: '',
    timestampEdited: '',
    content: '',
    authorId: '',
    authorName: '',
    authorNickname: '',
    replyTo: '',
    attachments: [],
  }
  eachField(bytes, (reader, field, isBytes) => {
    if (!isBytes) return false
    if (field === 1) imported.id = readText(reader)
    else if (field === 4) imported.timestampEdited = readText(reader)
    else if (field === 5) imported.content = readText(reader)
    else if (field === 6) readAuthor(reader.bytes(), imported)
    else if (field === 7) imported.replyTo = readReference(reader.bytes())
    else if (field === 8 && imported.attachments.length < maxAttachments)
      imported.attachments.push(readAttachment(reader.bytes()))
    else return false
    return true
  })
  return imported
}

function readAuthor(bytes: Uint8Array, into: WireImported): void {
  eachField(bytes, (reader, field, isBytes) => {
    if (!isBytes) return false
    if (field === 1) into.authorId = readText(reader)
    else if (field === 2) into.authorName = readText(reader)
    else if (field === 4) into.authorNickname = readText(reader)
    else return false
    return true
  })
}

function readReference(bytes: Uint8Array): string {
  let messageId = ''
  eachField(bytes, (reader, field, isBytes) => {
    if (field !== 1 || !isBytes) return false
    messageId = readText(reader)
    return true
  })
  return messageId
}

function readAttachment(bytes: Uint8Array): WireImported['attachments'][number] {
  const attachment = { fileName: '', sizeBytes: 0, url: '' }
  eachField(bytes, (reader, field, isBytes) => {
    if (field === 5 && !isBytes) attachment.sizeBytes = Number(reader.uint64())
    else if (!isBytes) return false
    else if (field === 3) attachment.url = readText(reader)
    else if (field === 4) attachment.fileName = readText(reader)
    else return false
    return true
  })
  return attachment
}

/** Wrong UTF-8 becomes replacement characters: a message is better read than not. */
function readText(reader: BinaryReader): string {
  return utf8.decode(reader.bytes())
}

/** @throws MalformedChatError */
function eachField(bytes: Uint8Array, take: (reader: BinaryReader, field: number, isBytes: boolean) => boolean): void {
  try {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      const isKnown = wireType === WireType.LengthDelimited || wireType === WireType.Varint
      if (!isKnown || !take(reader, field, wireType === WireType.LengthDelimited)) reader.skip(wireType, field)
    }
  } catch (cause) {
    throw new MalformedChatError({ cause })
  }
}

/** Bytes that are no chat message. */
export class MalformedChatError extends Error {
  override readonly name = 'MalformedChatError'

  constructor(options: ErrorOptions) {
    super('the message is no valid protobuf', options)
  }
}
