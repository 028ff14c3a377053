import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { ServiceError, StatusObject } from '@grpc/grpc-js'
import { MagnetLinkError } from '@annals/archive'
import { AlreadyLeftError, CommunityExistsError, DuplicateChannelError, UnknownCommunityError } from '@annals/community'
import { BusUnavailableError, UndecodableEventError, UnknownDeadLetterError } from '@annals/events'
import { BadRequest, ErrorInfo } from '@annals/proto/google/rpc/error_details'
import { Status as RpcStatus } from '@annals/proto/google/rpc/status'
import { BlobCorruptError, BlobMissingError, StorageUnavailableError, VersionConflictError } from '@annals/storage'
import { NoSigningKeyError } from '@annals/crypto'
import {
  GroupKeyExistsError,
  KeyHeldHereError,
  MasterKeyFileError,
  NoGroupKeyError,
  SealBrokenError,
  UnknownMasterKeyError,
} from '@annals/keys'
import { ControlRefusedError } from '@annals/service'
import { AttachProtocolError, AttachRefusedError } from '@annals/keys/remote'
import { Metadata, status } from '@grpc/grpc-js'
import * as errors from '../gateway-errors.ts'

/** The trailer that carries details, as every gRPC library knows it. */
const detailsTrailer = 'grpc-status-details-bin'
export const errorDomain = 'annals'

/** What callers are told of an error, whatever they speak. */
export interface Described {
  readonly code: status
  /** Such as COMMUNITY_UNKNOWN. */
  readonly reason: string
  readonly message: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly violations?: readonly errors.FieldViolation[]
}

/**
 * What is said of an error. The only place where errors become status codes: one that is not listed here is logged
 * with an incident number, and nothing else of it leaves the node.
 */
export function describeError(error: unknown, log: Logger): Described {
  // What an operator has to put right; a caller may be anybody.
  if (isMasterKeyError(error)) log.error({ err: error }, 'a call needs a master key that cannot be had')
  return known(error) ?? unforeseen(error, log)
}

/** The same as gRPC says it. */
export function mapError(error: unknown, log: Logger): StatusObject & ServiceError {
  const { code, reason, message, metadata = {}, violations } = describeError(error, log)
  const details = [
    pack('ErrorInfo', ErrorInfo.encode({ reason, domain: errorDomain, metadata: { ...metadata } }).finish()),
  ]
  if (violations !== undefined)
    details.push(pack('BadRequest', BadRequest.encode({ fieldViolations: [...violations] }).finish()))
  const trailers = new Metadata()
  trailers.set(detailsTrailer, Buffer.from(RpcStatus.encode({ code, message, details }).finish()))
  return Object.assign(new Error(message), { code, details: message, metadata: trailers })
}

function pack(type: string, value: Uint8Array): { typeUrl: string; value: Buffer } {
  return { typeUrl: `type.googleapis.com/google.rpc.${type}`, value: Buffer.from(value) }
}

function known(error: unknown): Described | undefined {
  if (!(error instanceof Error)) return undefined
  const { message } = error
  const about: Described['metadata'] = 'communityId' in error ? { communityId: String(error.communityId) } : {}
  const as = (code: status, reason: string): Described => ({ code, reason, message, metadata: about })
  if (error instanceof errors.InvalidRequestError)
    return { ...as(status.INVALID_ARGUMENT, 'INVALID_REQUEST'), violations: error.violations }
  if (error instanceof MagnetLinkError) {
    const violations = [{ field: 'magnet_link', description: message }]
    return { ...as(status.INVALID_ARGUMENT, 'INVALID_MAGNET_LINK'), violations }
  }
  if (error instanceof DuplicateChannelError) {
    const violations = [{ field: 'chats', description: message }]
    return { ...as(status.INVALID_ARGUMENT, 'DUPLICATE_CHANNEL'), violations }
  }
  if (error instanceof UnknownCommunityError) return as(status.NOT_FOUND, 'COMMUNITY_UNKNOWN')
  if (error instanceof UnknownDeadLetterError)
    return { ...as(status.NOT_FOUND, 'DEAD_LETTER_UNKNOWN'), metadata: { deadLetterId: String(error.id) } }
  if (error instanceof errors.EventNotFoundError)
    return { ...as(status.NOT_FOUND, 'EVENT_UNKNOWN'), metadata: { event: error.event } }
  if (error instanceof UndecodableEventError) {
    const metadata = { eventId: error.eventId, sequence: String(error.sequence) }
    return { ...as(status.DATA_LOSS, 'EVENT_UNDECODABLE'), metadata }
  }
  if (error instanceof CommunityExistsError) return as(status.ALREADY_EXISTS, 'COMMUNITY_EXISTS')
  if (error instanceof AlreadyLeftError) return as(status.FAILED_PRECONDITION, 'COMMUNITY_LEFT')
  if (error instanceof errors.NotControlNodeError) return as(status.FAILED_PRECONDITION, 'NOT_CONTROL_NODE')
  if (error instanceof NoSigningKeyError) return as(status.FAILED_PRECONDITION, 'NO_SIGNING_KEY')
  if (error instanceof KeyHeldHereError) return as(status.FAILED_PRECONDITION, 'KEY_HELD_HERE')
  if (error instanceof GroupKeyExistsError) return as(status.ALREADY_EXISTS, 'GROUP_KEY_EXISTS')
  if (error instanceof NoGroupKeyError) return as(status.FAILED_PRECONDITION, 'NO_GROUP_KEY')
  if (error instanceof AttachRefusedError) return as(status.PERMISSION_DENIED, 'SIGNER_REFUSED')
  if (error instanceof AttachProtocolError) return as(status.INVALID_ARGUMENT, 'SIGNER_PROTOCOL')
  if (isMasterKeyError(error))
    return {
      code: status.FAILED_PRECONDITION,
      reason: 'MASTER_KEY_UNUSABLE',
      message: 'the master key file of the node cannot be used, or lacks a key; its log says more',
    }
  if (error instanceof SealBrokenError) return as(status.DATA_LOSS, 'KEY_DAMAGED')
  if (error instanceof errors.OwnCommunityError) return as(status.FAILED_PRECONDITION, 'OWN_COMMUNITY')
  if (error instanceof ControlRefusedError)
    return { ...as(status.FAILED_PRECONDITION, 'CONTROL_REFUSED'), metadata: { ...about, refusal: error.refusal } }
  if (error instanceof errors.CallerElsewhereError) return as(status.PERMISSION_DENIED, 'CALLER_ELSEWHERE')
  if (error instanceof errors.ArchivingOffError) return as(status.FAILED_PRECONDITION, 'ARCHIVING_OFF')
  if (error instanceof errors.NothingToSeedError) return as(status.FAILED_PRECONDITION, 'NOTHING_TO_SEED')
  if (error instanceof errors.NotSeededError) return as(status.FAILED_PRECONDITION, 'NOT_SEEDED')
  if (error instanceof errors.NothingAnnouncedError) return as(status.FAILED_PRECONDITION, 'NOTHING_ANNOUNCED')
  if (error instanceof errors.SignatureAwaitedError) return as(status.FAILED_PRECONDITION, 'SIGNATURE_AWAITED')
  if (error instanceof errors.NoChatsError) return as(status.FAILED_PRECONDITION, 'NO_CHATS')
  if (error instanceof errors.NothingToArchiveError) return as(status.FAILED_PRECONDITION, 'NOTHING_TO_ARCHIVE')
  if (error instanceof errors.ArchiveUnderWayError) {
    const metadata = { ...about, from: String(error.range.from), to: String(error.range.to) }
    return { ...as(status.FAILED_PRECONDITION, 'ARCHIVE_UNDER_WAY'), metadata }
  }
  if (error instanceof errors.TokenUnknownError) return as(status.NOT_FOUND, 'TOKEN_UNKNOWN')
  if (error instanceof errors.ConcurrentChangeError || error instanceof VersionConflictError)
    return as(status.ABORTED, 'CONCURRENT_CHANGE')
  if (error instanceof errors.DefaultDeadlineError) return as(status.DEADLINE_EXCEEDED, 'DEFAULT_DEADLINE')
  if (error instanceof errors.UnauthenticatedError) return as(status.UNAUTHENTICATED, 'TOKEN_MISSING_OR_WRONG')
  if (error instanceof errors.StoppingError) return as(status.UNAVAILABLE, 'NODE_STOPPING')
  if (error instanceof BusUnavailableError)
    return {
      code: status.UNAVAILABLE,
      reason: 'EVENT_LOG_UNAVAILABLE',
      message: 'the event log cannot be reached; try again',
    }
  if (error instanceof StorageUnavailableError)
    return {
      code: status.UNAVAILABLE,
      reason: 'STORE_UNAVAILABLE',
      message: 'the database cannot be reached; try again',
    }
  if (error instanceof BlobMissingError || error instanceof BlobCorruptError)
    return {
      code: status.DATA_LOSS,
      reason: 'ARCHIVE_BYTES_LOST',
      message: 'bytes of an archive are missing or damaged on the disk',
    }
  return undefined
}

function isMasterKeyError(error: unknown): boolean {
  return error instanceof UnknownMasterKeyError || error instanceof MasterKeyFileError
}

function unforeseen(error: unknown, log: Logger): Described {
  const incident = randomUUID()
  log.error({ err: error, incident }, 'a call failed in a way that was not foreseen')
  const message = `something went wrong inside the node; its log says more under incident ${incident}`
  return { code: status.INTERNAL, reason: 'INTERNAL', message, metadata: { incident } }
}
