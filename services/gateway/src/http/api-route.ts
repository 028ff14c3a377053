import type { CallContext } from '../server/calls.ts'
import type { Allows, RouteRule, Verb } from './route-rule.ts'

/** What ts-proto makes of a message. */
export interface JsonCodec<T> {
  fromJSON(object: unknown): T
  toJSON(message: T): unknown
}

/** How an answer is written. */
export type AnswerForm =
  /** One JSON object. */
  | 'json'
  /** `{ items, next }`: a part of a stream, and where the next one begins. */
  | 'page'
  /** A JSON object a line (NDJSON), to the end of the stream. */
  | 'lines'

/** A route of the API: a method of the gateway's interface as HTTP calls it. */
export interface ApiRoute extends RouteRule {
  /** As annals.api.v1.AnnalsService names it. */
  readonly method: string
  readonly form: AnswerForm
  readonly request: JsonCodec<unknown>
  readonly response: JsonCodec<unknown>
  readonly handle: (context: CallContext, request: unknown) => Promise<unknown> | AsyncIterable<unknown>
  /** Fields of the request that are not taken over HTTP, as its JSON names them: they are secret. */
  readonly withheld?: readonly string[]
  /** Of an item of a page: what `after` is to be for the next page. */
  readonly cursor?: (item: unknown) => number
}

type Handle<Request, Answer> = (context: CallContext, request: Request) => Answer

export const apiPrefix = '/api/v1'

interface Extras {
  readonly withheld?: readonly string[]
}

/** A call with one answer. */
export function unary<Request, Response>(
  method: string,
  [verb, path, allows]: readonly [Verb, string, Allows],
  codecs: readonly [JsonCodec<Request>, JsonCodec<Response>],
  handle: Handle<Request, Promise<Response>>,
  extras: Extras = {},
): ApiRoute {
  return routeOf(method, [verb, path, allows], codecs, handle, { form: 'json', ...extras })
}

/** A stream of finite length that is asked for page by page: its request has `after`. */
export function paged<Request extends { readonly after?: number | undefined }, Item>(
  method: string,
  [verb, path, allows]: readonly [Verb, string, Allows],
  codecs: readonly [JsonCodec<Request>, JsonCodec<Item>],
  handle: Handle<Request, AsyncIterable<Item>>,
  cursor: (item: Item) => number,
): ApiRoute {
  return routeOf(method, [verb, path, allows], codecs, handle, {
    form: 'page',
    cursor: cursor as (item: unknown) => number,
  })
}

/** A stream of finite length that is taken whole. */
export function lines<Request, Item>(
  method: string,
  [verb, path, allows]: readonly [Verb, string, Allows],
  codecs: readonly [JsonCodec<Request>, JsonCodec<Item>],
  handle: Handle<Request, AsyncIterable<Item>>,
): ApiRoute {
  return routeOf(method, [verb, path, allows], codecs, handle, { form: 'lines' })
}

/** The codecs and the handler of a route are of the same messages, which its type need not say. */
function routeOf<Request, Response>(
  method: string,
  [verb, path, allows]: readonly [Verb, string, Allows],
  [request, response]: readonly [JsonCodec<Request>, JsonCodec<Response>],
  handle: Handle<Request, Promise<Response> | AsyncIterable<Response>>,
  rest: Pick<ApiRoute, 'form' | 'withheld' | 'cursor'>,
): ApiRoute {
  return {
    method,
    verb,
    path: `${apiPrefix}${path}`,
    allows,
    request,
    response,
    handle: handle as ApiRoute['handle'],
    ...rest,
  }
}
