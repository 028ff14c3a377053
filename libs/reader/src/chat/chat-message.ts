/** A message as a person reads it. All texts are data from strangers: whoever shows them escapes them. */
export interface ChatMessage {
  /** Status' message id, or of an import the community's id and the id in the source. */
  readonly id: string
  /** Without the community's id before it. */
  readonly channelId: string
  /** Unix milliseconds, to the second: when the network carried it; of an import when it was written. */
  readonly timeMilliseconds: number
  /** Status: the sender's compressed public key, `0x…`; of an import the author's id in the source. */
  readonly senderId: string
  /** As the sender calls itself; may be empty. Nothing proves it. */
  readonly senderName: string
  /** `imported`: the community vouches that this was said elsewhere. */
  readonly origin: 'status' | 'imported'
  readonly kind: ChatMessageKind
  readonly text: string
  /** Id of the message that this one answers; empty where it answers none. */
  readonly replyTo: string
  /** Unix milliseconds; `undefined` where the text is the first one. */
  readonly editedMilliseconds: number | undefined
  /** Its sender, or the community, took it back; the text is empty then. */
  readonly deleted: boolean
  /** What was attached, by reference; the bytes are not in an archive. */
  readonly attachments: readonly ChatAttachment[]
}

export type ChatMessageKind = 'text' | 'image' | 'audio' | 'sticker' | 'emoji' | 'other'

export interface ChatAttachment {
  readonly fileName: string
  readonly sizeBytes: number
  /** As it came: nothing that should be followed unasked. */
  readonly url: string
}

/** A later word on an earlier message, which may be of another week. */
export type ChatChange =
  | {
      readonly kind: 'edit'
      readonly messageId: string
      readonly senderId: string
      /** Of several edits the highest counts. Unix milliseconds, as the sender says. */
      readonly clock: number
      readonly timeMilliseconds: number
      readonly text: string
    }
  | { readonly kind: 'delete'; readonly messageId: string; readonly senderId: string }
