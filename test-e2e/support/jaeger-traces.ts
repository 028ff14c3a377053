import type { ReceivedSpan } from '@annals/telemetry/testing'

interface JaegerTag {
  readonly key: string
  readonly value: unknown
}

interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references?: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[]
  readonly tags: readonly JaegerTag[]
  readonly processID: string
}

interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly JaegerTag[] }>>
}

export interface TraceQuery {
  /** `service.name`. */
  readonly service: string
  /** The name of a span of it; any where absent. */
  readonly span?: string
  /** Attributes of that span. */
  readonly attributes: Readonly<Record<string, string>>
}

const mostTraces = 200
const limitMilliseconds = 30_000

/** The spans of all traces in which Jaeger finds such a span. @param url where Jaeger answers queries */
export async function findSpans(url: string, { service, span, attributes }: TraceQuery): Promise<ReceivedSpan[]> {
  const tags = JSON.stringify(attributes)
  const query = new URLSearchParams({ service, ...(span && { operation: span }), tags, limit: String(mostTraces) })
  const signal = AbortSignal.timeout(limitMilliseconds)
  const response = await fetch(`${url}/api/traces?${query.toString()}`, { signal })
  const answer = (await response.json()) as { data: JaegerTrace[] | null }
  return (answer.data ?? []).flatMap(spansOf)
}

/** As if they had been received over OTLP. */
function spansOf({ spans, processes }: JaegerTrace): ReceivedSpan[] {
  return spans.map((span) => ({
    resource: attributesOf(processes[span.processID]?.tags),
    traceId: span.traceID,
    spanId: span.spanID,
    parentSpanId: parentOf(span),
    name: span.operationName,
    kind: kinds.findIndex((kind) => kind === (attributesOf(span.tags)['span.kind'] ?? 'internal')) + 1,
    attributes: attributesOf(span.tags),
    links: linksOf(span),
    statusCode: attributesOf(span.tags)['otel.status_code'] === 'ERROR' ? 2 : 0,
  }))
}

/** In OTLP's order, which begins with 1. */
const kinds = ['internal', 'server', 'client', 'producer', 'consumer']

/** Jaeger tells a span's parent and its links in the same way; the parent is of the same trace. */
function parentOf({ references = [], traceID }: JaegerSpan): string {
  const parent = references.find((each) => each.refType === 'CHILD_OF' && each.traceID === traceID)
  return parent?.spanID ?? ''
}

function linksOf({ references = [] }: JaegerSpan): ReceivedSpan['links'] {
  return references
    .filter(({ refType }) => refType !== 'CHILD_OF')
    .map(({ traceID, spanID }) => ({ traceId: traceID, spanId: spanID }))
}

function attributesOf(tags: readonly JaegerTag[] = []): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]))
}
