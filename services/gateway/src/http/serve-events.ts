import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { EventName, StoredEvent } from '@annals/events'
import { UndecodableEventError } from '@annals/events'
import { StreamEventsResponse } from '@annals/proto/api/v1'
import { checkCommunityId, checkEventName } from '../check-request.ts'
import { InvalidRequestError, StoppingError } from '../gateway-errors.ts'
import type { GatewayContext } from '../server/gateway-context.ts'
import { toApiEvent } from '../to-api.ts'
import type { Authority } from './authorize-request.ts'
import { callerOf } from './authorize-request.ts'
import type { Caller } from './caller.ts'
import { mayHearOf } from './caller.ts'
import { networkOf } from './client-address.ts'
import { withReadablePayload } from './event-json.ts'
import { ForbiddenError, SlowReaderError } from './http-errors.ts'
import { problemOf } from './problems.ts'
import { eventStreamPath } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { StreamSlots } from './stream-slots.ts'
import { onceOver } from './track-requests.ts'

/** A comment goes out so often where nothing happens, and the token is looked at again. */
const heartbeatSeconds = 15
/** A reader that takes nothing for so long is let go; it goes on where it was, when it comes again. */
const slowReaderSeconds = 30
/** What a client waits before it comes again, milliseconds. */
const retryMilliseconds = 3_000

interface Wanted {
  readonly after: number
  readonly communityId?: string
  readonly names?: readonly EventName[]
}

/** Adds the stream of events. */
export function serveEvents(app: FastifyInstance, context: GatewayContext, authority: Authority): void {
  const slots = new StreamSlots()
  app.get(eventStreamPath, { compress: false, exposeHeadRoute: false }, async (request, reply) => {
    const wanted = await readWanted(context, request)
    const slot = slots.take(networkOf(request.ip))
    onceOver(request, () => slot[Symbol.dispose]())
    reply.hijack()
    if (!request.over.aborted) await stream(context, authority, request, reply, wanted)
  })
}

/** @throws InvalidRequestError, ForbiddenError */
async function readWanted({ bus }: GatewayContext, { query, headers, caller }: FastifyRequest): Promise<Wanted> {
  const { communityId, names, after, ...rest } = query as Record<string, string | string[] | undefined>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new InvalidRequestError({ field: unknown.slice(0, 100), description: 'is not known' })
  const last = headers['last-event-id']
  const from = positionOf(last, 'Last-Event-ID') ?? positionOf(after, 'after')
  const end = await bus.lastSequence()
  return {
    // Behind the end is who heard of a log that was lost since: what is there now would not come before all of it is there again.
    after: Math.min(from ?? end, end),
    ...(communityId !== undefined && { communityId: ownCommunity(caller, String(communityId)) }),
    ...(names !== undefined && {
      names: [names]
        .flat()
        .flatMap((text) => text.split(','))
        .map((name) => checkEventName(name, 'names')),
    }),
  }
}

function positionOf(text: string | string[] | undefined, field: string): number | undefined {
  if (text === undefined || text === '') return undefined
  const position = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(position)) return position
  throw new InvalidRequestError({ field, description: 'must be a position in the log' })
}

function ownCommunity(caller: Caller, text: string): string {
  const communityId = checkCommunityId(text, 'communityId')
  if (!mayHearOf(caller, communityId)) throw new ForbiddenError()
  return communityId
}

/** Never rejects: what goes wrong is the last thing that the reader hears. */
async function stream(
  context: GatewayContext,
  authority: Authority,
  request: FastifyRequest,
  { raw }: FastifyReply,
  wanted: Wanted,
): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([ending.signal, context.stopping])
  onceOver(request, () => ending.abort(new StoppingError()))
  raw.on('error', () => ending.abort(new StoppingError()))
  raw.writeHead(200, {
    ...securityHeaders,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // A proxy that collects answers would hold events back.
    'x-accel-buffering': 'no',
  })
  raw.write(`retry: ${retryMilliseconds}\n\n`)
  const seconds = context.httpLimits?.heartbeatSeconds ?? heartbeatSeconds
  const heartbeat = setInterval(() => void beat(context, authority, request, raw, ending), seconds * 1000)
  try {
    for await (const event of eventsFor(context, request.caller, wanted, signal))
      await send(context, raw, frameOf(event), signal)
    throw new StoppingError()
  } catch (error) {
    const { type, detail } = problemOf(
      ending.signal.reason ?? (context.stopping.aborted ? new StoppingError() : error),
      context.log,
    )
    if (!raw.destroyed) raw.end(`event: end\ndata: ${JSON.stringify({ type, detail })}\n\n`)
    // One that takes nothing would keep what is written for it.
    setTimeout(() => raw.destroy(), 1_000).unref()
  } finally {
    clearInterval(heartbeat)
  }
}

/** Ends the stream where the token opens nothing any more. */
async function beat(
  { log }: GatewayContext,
  authority: Authority,
  { headers }: FastifyRequest,
  raw: ServerResponse,
  ending: AbortController,
): Promise<void> {
  try {
    await callerOf(authority, headers.authorization)
    if (raw.writableLength === 0) raw.write(': \n\n')
  } catch (error) {
    log.debug({ err: error }, 'a stream of events ends, since its token does not count any more')
    ending.abort(error)
  }
}

/** One that cannot be read is left out: the events after it are not to be lost for that. */
async function* eventsFor(
  { bus }: GatewayContext,
  caller: Caller,
  { after: from, ...narrowed }: Wanted,
  signal: AbortSignal,
): AsyncIterable<StoredEvent> {
  let after = from
  while (!signal.aborted)
    try {
      for await (const event of bus.read({ ...narrowed, after, follow: true, signal })) {
        after = event.sequence
        if (mayHearOf(caller, event.communityId)) yield event
      }
      return
    } catch (error) {
      if (!(error instanceof UndecodableEventError)) throw error
      after = error.sequence
    }
}

function frameOf(event: StoredEvent): string {
  const json = JSON.stringify(withReadablePayload(StreamEventsResponse.toJSON(toApiEvent(event))))
  return `id: ${event.sequence}\nevent: ${event.name}\ndata: ${json}\n\n`
}

/** No faster than the reader takes it. @throws SlowReaderError */
async function send(context: GatewayContext, raw: ServerResponse, frame: string, signal: AbortSignal): Promise<void> {
  if (raw.write(frame)) return
  const seconds = context.httpLimits?.slowReaderSeconds ?? slowReaderSeconds
  const limit = AbortSignal.timeout(seconds * 1000)
  try {
    await once(raw, 'drain', { signal: AbortSignal.any([signal, limit]) })
  } catch (error) {
    throw limit.aborted && !signal.aborted ? new SlowReaderError(seconds) : error
  }
}
