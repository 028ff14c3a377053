import {
  WakuAnswerError,
  WakuAnswerTooLargeError,
  WakuRateLimitedError,
  WakuRefusedError,
  WakuTimeoutError,
  WakuUnreachableError,
} from '@annals/waku'
import { needsOf } from '@annals/deploy'
import type { DoctorContext } from '../../doctor-context.ts'

type AnswerKind = 'unreachable' | 'silent' | 'refused' | 'limited' | 'strange'

/** How a node failed to answer. @throws the error, where it is none that nodes cause */
export function answerKindOf(error: unknown): { readonly kind: AnswerKind; readonly found: string } {
  if (error instanceof WakuUnreachableError) return { kind: 'unreachable', found: error.message }
  if (error instanceof WakuTimeoutError) return { kind: 'silent', found: error.message }
  if (error instanceof WakuRateLimitedError) return { kind: 'limited', found: error.message }
  if (error instanceof WakuRefusedError) return { kind: 'refused', found: error.message }
  if (error instanceof WakuAnswerError || error instanceof WakuAnswerTooLargeError)
    return { kind: 'strange', found: error.message }
  throw error
}

/** Whether Waku nodes are named, and the service that looks, if it is one, asks them. */
export function usesWaku({ config, service }: DoctorContext): boolean {
  if (config.wakuStores.length === 0 && config.wakuRelays.length === 0) return false
  if (service === undefined || service === 'collector') return true
  return config.channel === 'waku' && needsOf(service).channel.length > 0
}
