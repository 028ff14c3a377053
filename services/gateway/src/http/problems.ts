import type { Logger } from 'pino'
import { status } from '@grpc/grpc-js'
import type { Described } from '../server/map-error.ts'
import { describeError } from '../server/map-error.ts'
import {
  ClientGoneError,
  ForbiddenError,
  ForeignHostError,
  ForeignOriginError,
  NoRouteError,
  NotHttpError,
  SlowReaderError,
  TooManyRequestsError,
  TooManyStreamsError,
} from './http-errors.ts'
import { RangeRefusedError, SeedBusyError, SeedNotFoundError } from '../web-seed/seed-errors.ts'

/** Problem details as RFC 9457 has them. */
export interface Problem {
  /** `urn:annals:problem:` and the reason that gRPC's ErrorInfo has. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** What is wrong with which field of the request. */
  readonly errors?: readonly { readonly field: string; readonly description: string }[]
  /** Such as `communityId` or `incident`. */
  readonly [about: string]: unknown
}

export const problemMediaType = 'application/problem+json'

/** HTTP's status for each of gRPC's, as google.rpc.Code has them. */
const statuses: Readonly<Record<number, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.ABORTED]: 409,
  // Nothing is wrong with the request as such: what it is about is in another state.
  [status.FAILED_PRECONDITION]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
}

/** What fastify itself finds wrong with a request, by its code. */
const fastifyReasons: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNKNOWN',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INCOMPLETE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_BAD_URL: 'ADDRESS_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'ADDRESS_MALFORMED',
  FST_ERR_HANDLER_TIMEOUT: 'DEFAULT_DEADLINE',
  FST_CP_ERR_INVALID_CONTENT_ENCODING: 'ENCODING_UNKNOWN',
  FST_CP_ERR_INVALID_CONTENT: 'BODY_MALFORMED',
  // Whoever sent the body went away within it.
  ECONNRESET: 'BODY_INCOMPLETE',
}

const notHttp: Readonly<Record<NotHttpError['refusal'], readonly [status: number, reason: string]>> = {
  malformed: [400, 'REQUEST_MALFORMED'],
  'headers-too-large': [431, 'HEADERS_TOO_LARGE'],
  'too-slow': [408, 'REQUEST_TOO_SLOW'],
  expectation: [417, 'EXPECTATION_UNKNOWN'],
}

/** What HTTP says of an error; nothing of one that nobody foresaw but an incident number. */
export function problemOf(error: unknown, log: Logger): Problem {
  return httpProblem(error) ?? fastifyProblem(error) ?? describedProblem(describeError(error, log))
}

function httpProblem(error: unknown): Problem | undefined {
  if (error instanceof NoRouteError) return problem(404, 'ROUTE_UNKNOWN', error.message)
  if (error instanceof NotHttpError) return problem(...notHttp[error.refusal], error.message)
  if (error instanceof ClientGoneError) return problem(408, 'CLIENT_GONE', error.message)
  if (error instanceof ForbiddenError) return problem(403, 'NOT_ALLOWED', error.message)
  if (error instanceof ForeignHostError) return problem(421, 'HOST_UNKNOWN', error.message)
  if (error instanceof ForeignOriginError) return problem(403, 'ORIGIN_FOREIGN', error.message)
  if (error instanceof TooManyRequestsError) return problem(429, 'TOO_MANY_REQUESTS', error.message)
  if (error instanceof TooManyStreamsError) return problem(429, 'TOO_MANY_STREAMS', error.message)
  if (error instanceof SlowReaderError) return problem(503, 'READER_TOO_SLOW', error.message)
  if (error instanceof SeedNotFoundError) return problem(404, 'SEED_UNKNOWN', error.message)
  if (error instanceof RangeRefusedError) return problem(416, 'RANGE_REFUSED', error.message)
  if (error instanceof SeedBusyError) return problem(503, 'SEED_BUSY', error.message)
  return undefined
}

function fastifyProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined
  const [code, httpStatus] = [String(error.code), Number(error.statusCode)]
  const reason = fastifyReasons[code]
  return reason === undefined ? undefined : problem(httpStatus, reason, error.message)
}

function describedProblem({ code, reason, message, metadata, violations }: Described): Problem {
  const errors = violations?.map(({ field, description }) => ({ field: jsonField(field), description }))
  return { ...metadata, ...problem(statuses[code] ?? 500, reason, message), ...(errors && { errors }) }
}

function problem(httpStatus: number, reason: string, detail: string): Problem {
  const words = reason.toLowerCase().replaceAll('_', ' ')
  return {
    type: `urn:annals:problem:${reason}`,
    title: `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`,
    status: httpStatus,
    detail,
  }
}

/** A field of a message as its JSON names it. */
function jsonField(field: string): string {
  return field.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
