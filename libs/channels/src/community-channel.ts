/** Where a community's announcements travel. Carries bytes; what they mean and whether they count is not its matter. */
export interface CommunityChannel extends AsyncDisposable {
  /** Puts a message on a chat; resolves once others can see it. The same bytes on the same chat count once. */
  publish(chatId: string, payload: Uint8Array, options?: PublishOptions): Promise<void>
  /** Messages of a chat in the channel's order after a cursor (all it still has, if none), then those that come. */
  receive(chatId: string, options: ReceiveOptions): AsyncIterable<ChannelMessage>
  /**
   * Whether somebody who comes now would find the bytes on the chat. Asks what others are given, never what this process
   * remembers of its own. `unknown` where nobody answered in time, or the signal aborted.
   * @throws ChannelUnavailableError where the channel refuses to say, ChannelClosedError
   */
  holds(chatId: string, payload: Uint8Array, options: HoldsOptions): Promise<boolean | 'unknown'>
}

export interface PublishOptions {
  /** W3C trace context, for channels that can carry one beside the bytes. */
  readonly traceparent?: string
  /** Puts it there though this process knows that it was there before: others may have lost it since. */
  readonly again?: boolean
}

export interface HoldsOptions {
  /** The bytes were published after it, Unix milliseconds. Bounds what is looked through, where that is needed. */
  readonly sinceMilliseconds: number
  readonly signal: AbortSignal
}

export interface ReceiveOptions {
  readonly after?: string
  readonly signal: AbortSignal
}

export interface ChannelMessage {
  /** Opaque; give it back as `after` to go on behind this message. */
  readonly cursor: string
  readonly payload: Uint8Array
  /** When the channel took it, Unix milliseconds. */
  readonly timeMilliseconds: number
  /** W3C trace context, where the channel carries one and the first who published the bytes had one. Anybody's claim. */
  readonly traceparent?: string
}
