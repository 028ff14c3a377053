import type { ChannelMessage, CommunityChannel, HoldsOptions, PublishOptions, ReceiveOptions } from '@annals/channels'
import type { Tracing } from '@annals/telemetry'

/**
 * A channel on which a message says what it follows from, where the channel can carry that. Waku's can not: what is sent there
 * is status-go's format to the byte, so that a member's trace begins anew and has the info hash in common.
 */
export class TracingChannel implements CommunityChannel {
  readonly #channel: CommunityChannel
  readonly #tracing: Tracing
  readonly #system: string

  constructor(channel: CommunityChannel, tracing: Tracing, system: string) {
    this.#channel = channel
    this.#tracing = tracing
    this.#system = system
  }

  publish(chatId: string, payload: Uint8Array, options: PublishOptions = {}): Promise<void> {
    const tracing = this.#tracing
    if (options.traceparent !== undefined) return this.#channel.publish(chatId, payload, options)
    if (!tracing.records)
      return this.#channel.publish(chatId, payload, { ...options, traceparent: tracing.nextTraceparent() })
    const attributes = {
      'messaging.system': this.#system,
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'announcements',
      'messaging.message.body.size': payload.length,
    }
    return tracing.span({ name: 'publish announcements', kind: 'producer', attributes }, ({ traceparent }) =>
      this.#channel.publish(chatId, payload, { ...options, traceparent }),
    )
  }

  holds(chatId: string, payload: Uint8Array, options: HoldsOptions): Promise<boolean | 'unknown'> {
    return this.#channel.holds(chatId, payload, options)
  }

  receive(chatId: string, options: ReceiveOptions): AsyncIterable<ChannelMessage> {
    return this.#channel.receive(chatId, options)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#channel[Symbol.asyncDispose]()
  }
}
