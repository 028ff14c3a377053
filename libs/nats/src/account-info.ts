import { callJetStream } from './call-jetstream.ts'
import type { NatsLink } from './nats-link.ts'

/** What an account has of JetStream, and how much of it is used. Limits are -1 where there is none. */
export interface AccountInfo {
  /** Bytes in files. */
  readonly storage: number
  readonly streams: number
  readonly consumers: number
  readonly limits: {
    readonly max_storage: number
    readonly max_streams: number
    readonly max_consumers: number
  }
  /** Absent before 2.11. */
  readonly api?: { readonly level?: number }
}

/** @throws as `callJetStream` */
export function accountInfo(link: NatsLink): Promise<AccountInfo> {
  return callJetStream(link, 'INFO')
}
