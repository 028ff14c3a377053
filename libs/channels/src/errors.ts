/** The payload is larger than the channel carries. */
export class PayloadTooLargeError extends Error {
  override readonly name = 'PayloadTooLargeError'
  readonly chatId: string
  readonly sizeBytes: number
  readonly limitBytes: number

  constructor(chatId: string, sizeBytes: number, limitBytes: number) {
    super(
      `a message of ${sizeBytes} bytes for ${chatId} is too large for the channel: ${limitBytes} bytes is the limit`,
    )
    this.chatId = chatId
    this.sizeBytes = sizeBytes
    this.limitBytes = limitBytes
  }
}

/** The cursor is not one of this channel. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError'
  readonly chatId: string
  readonly cursor: string

  constructor(chatId: string, cursor: string, reason: string) {
    super(
      `the cursor ${JSON.stringify(cursor.slice(0, 100))} for ${chatId} cannot be used: ${reason}. ` +
        'Read without a cursor to get all that the channel has',
    )
    this.chatId = chatId
    this.cursor = cursor
  }
}

/** Something was asked of a channel after it was closed. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError'

  constructor() {
    super('the community channel is closed: what uses it must stop before its owner disposes of it')
  }
}

/** The channel cannot be reached, or refused. */
export class ChannelUnavailableError extends Error {
  override readonly name = 'ChannelUnavailableError'
  readonly operation: string

  constructor(operation: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`the community channel could not ${operation}: ${reason}`, { cause })
    this.operation = operation
  }
}
