export { accountInfo } from './account-info.ts'
export type { AccountInfo } from './account-info.ts'
export { callJetStream, checkJetStream, refuseIfRefused } from './call-jetstream.ts'
export type { Refusable } from './call-jetstream.ts'
export { checkNamespace } from './check-namespace.ts'
export { connectNats } from './connect-nats.ts'
export type { ConnectNatsOptions } from './connect-nats.ts'
export { digestToken, encodeToken } from './encode-token.ts'
export { compareStream, ensureStream, listStreamDrift, streamInfo } from './ensure-stream.ts'
export type { StreamCluster, StreamDeclaration, StreamDrift, StreamInfo } from './ensure-stream.ts'
export { isNatsError, isPassing, isRefusal } from './error-codes.ts'
export {
  InvalidNatsOptionError,
  JetStreamRefusedError,
  JetStreamUnavailableError,
  NatsAnswerLostError,
  NatsAuthorizationError,
  NatsPermissionError,
  NatsUnreachableError,
  NoRespondersError,
} from './errors.ts'
export { FlightLimit } from './flight-limit.ts'
export { listRefusals } from './list-refusals.ts'
export { isServerAtLeast } from './nats-link.ts'
export type { NatsLink } from './nats-link.ts'
export type { NatsLog } from './nats-log.ts'
export { patiently, pauseFor } from './patience.ts'
export type { Patience } from './patience.ts'
export type { RequestOptions } from './request-box.ts'
export { getMessage, parseNanoseconds } from './stored-message.ts'
export type { MessageQuestion, StoredMessage } from './stored-message.ts'
