export { openNatsChannel } from './open-nats-channel.ts'
export type { NatsChannelOptions } from './open-nats-channel.ts'
export { channelStream, channelSubjects } from './channel-stream.ts'
