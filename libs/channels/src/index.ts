export type { ChannelMessage, CommunityChannel, ReceiveOptions } from './community-channel.ts'
