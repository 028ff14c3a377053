export type { ChannelMessage, CommunityChannel, ReceiveOptions } from './community-channel.ts'
export { openFolderChannel } from './embedded/open-folder-channel.ts'
export type { FolderChannelOptions } from './embedded/open-folder-channel.ts'
export { ChannelClosedError, ChannelUnavailableError, InvalidCursorError, PayloadTooLargeError } from './errors.ts'
