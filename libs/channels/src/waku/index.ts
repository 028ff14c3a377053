export { MessageNotConfirmedError } from './errors.ts'
export { openWakuChannel } from './open-waku-channel.ts'
export type { WakuChannelOptions } from './open-waku-channel.ts'
export type { PayloadCodec } from './payload-codec.ts'
