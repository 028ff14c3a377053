import { randomUUID } from 'node:crypto'
import type { SpanContext } from '@opentelemetry/api'
import { isSpanContextValid } from '@opentelemetry/api'

/** Version 00 of https://www.w3.org/TR/trace-context/#traceparent-header, the one that there is. */
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The context that a `traceparent` names; `undefined` for anything that is none. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = form.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(context) ? context : undefined
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** A span of its own in the trace of the one before it; the first one of a new trace where there is none. */
export function childOf(traceparent: string | undefined): string {
  const before = parseTraceparent(traceparent)
  const random = randomHex()
  return formatTraceparent({
    traceId: before?.traceId ?? random,
    // Of the next random number where the trace is new; of this one its random half.
    spanId: (before === undefined ? randomHex() : random).slice(16),
    traceFlags: before?.traceFlags ?? 1,
  })
}

/** 32 digits. Node keeps random bytes for UUIDs at hand: that takes a tenth of the time of asking for some. */
function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}
