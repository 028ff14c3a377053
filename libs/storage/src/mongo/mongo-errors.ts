import {
  MongoError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'

/** A unique index has the key already: of a document (`_id`) or of what it names. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey
}

export const duplicateKey = 11_000

/** Unauthorized, AuthenticationFailed, and Atlas' own. */
const authenticationCodes = new Set<unknown>([13, 18, 8000])

export function isAuthentication(error: unknown): boolean {
  return error instanceof MongoServerError && authenticationCodes.has(error.code)
}

/**
 * The server could not do it just now, and a moment later it may: it goes down, is no longer the primary, or took one
 * of two writers that waited for each other out of the way.
 */
const passingCodes = new Set<unknown>([
  6, // HostUnreachable
  7, // HostNotFound
  43, // CursorNotFound
  64, // WriteConcernFailed
  89, // NetworkTimeout
  91, // ShutdownInProgress
  112, // WriteConflict
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10_107, // NotWritablePrimary
  11_600, // InterruptedAtShutdown
  11_602, // InterruptedDueToReplStateChange
  13_435, // NotPrimaryNoSecondaryOk
  13_436, // NotPrimaryOrSecondary
  16_908_292, // DocumentDB's number for PostgreSQL's deadlock_detected
])

/** What Node says of a socket whose other side is gone: the driver lets it through where that comes in the middle of a write. */
const socketCodes = new Set<unknown>([
  'ECONNRESET',
  'ECONNABORTED',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])

function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && socketCodes.has(error.code)
}

/** Whether the same may well succeed when it is done again at once. What could not find a server waited already. */
export function isPassing(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return false
  if (error instanceof MongoNetworkError || error instanceof MongoOperationTimeoutError) return true
  if (isSocketError(error)) return true
  return error instanceof MongoServerError && passingCodes.has(error.code)
}

/** Anything that the driver, its sockets or the server say. */
export function isMongo(error: unknown): boolean {
  return error instanceof MongoError || isSocketError(error)
}

export function codeOf(error: unknown): number | undefined {
  return error instanceof MongoServerError && typeof error.code === 'number' ? error.code : undefined
}
