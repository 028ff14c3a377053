export type { WakuMessage } from './waku-message.ts'
