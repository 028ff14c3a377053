export { openNatsChannel } from './open-nats-channel.ts'
export type { NatsChannelOptions } from './open-nats-channel.ts'
export { channelStream } from './channel-stream.ts'
