import { errors as clientErrors } from '@nats-io/transport-node'
import {
  JetStreamRefusedError,
  JetStreamUnavailableError,
  NatsAnswerLostError,
  NatsPermissionError,
  NoRespondersError,
} from './errors.ts'

/** Codes of JetStream's refusals that are told apart; from the server's `errors.json`. */
const jetStreamCodes = {
  consumerNotFound: 10014,
  consumerNameInUse: 10013,
  messageNotFound: 10037,
  notEnabledForAccount: 10039,
  notEnabled: 10076,
  sequenceNotFound: 10043,
  messageDeleteFailed: 10057,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  consumerExists: 10148,
  duplicateUnderWay: 10158,
  wrongLastSequenceUnderWay: 10164,
  tooManyRequests: 10167,
} as const

/** Refusals that pass: another request about the same is under way, or the server has too much to do. */
const passing: readonly number[] = [
  jetStreamCodes.duplicateUnderWay,
  jetStreamCodes.wrongLastSequenceUnderWay,
  jetStreamCodes.tooManyRequests,
]

export function isRefusal(error: unknown, ...codes: (keyof typeof jetStreamCodes)[]): boolean {
  return error instanceof JetStreamRefusedError && codes.some((code) => jetStreamCodes[code] === error.errorCode)
}

/**
 * True where the same request may be answered a moment later: the server is away or starts, its cluster elects a
 * leader (503), or it is busy.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof NatsAnswerLostError) return error.reason !== 'closed'
  if (error instanceof NoRespondersError) return true
  if (!(error instanceof JetStreamRefusedError)) return false
  const disabled = isRefusal(error, 'notEnabled', 'notEnabledForAccount')
  return (error.code === 503 && !disabled) || passing.includes(error.errorCode)
}

const natsErrors = [
  JetStreamRefusedError,
  JetStreamUnavailableError,
  NatsAnswerLostError,
  NatsPermissionError,
  NoRespondersError,
  ...Object.values(clientErrors),
]

/** True for what the server refused, what cannot be reached, and what the client throws. */
export function isNatsError(error: unknown): boolean {
  return natsErrors.some((type) => error instanceof type)
}
