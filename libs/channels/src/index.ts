export type {
  ChannelMessage,
  CommunityChannel,
  HoldsOptions,
  PublishOptions,
  ReceiveOptions,
} from './community-channel.ts'
export { channelSchema } from './embedded/channel-schema.ts'
export { openFolderChannel } from './embedded/open-folder-channel.ts'
export type { FolderChannelOptions } from './embedded/open-folder-channel.ts'
export { ChannelClosedError, ChannelUnavailableError, InvalidCursorError, PayloadTooLargeError } from './errors.ts'
