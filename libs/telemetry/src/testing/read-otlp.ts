import type { ReceivedMetric, ReceivedSpan } from './otlp-receiver.ts'

/** A request of OTLP/JSON, of which a test knows the form. */
export interface Json {
  readonly resourceSpans?: readonly {
    readonly resource: WithAttributes
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[]
  }[]
  readonly resourceMetrics?: readonly {
    readonly resource: WithAttributes
    readonly scopeMetrics: readonly { readonly metrics: readonly JsonMetric[] }[]
  }[]
}

interface WithAttributes {
  readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

interface JsonSpan extends WithAttributes {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status?: { readonly code?: number }
}

interface Points {
  readonly dataPoints: readonly JsonPoint[]
}

interface JsonPoint extends WithAttributes {
  readonly asDouble?: number
  readonly asInt?: number | string
  readonly count?: number | string
}

interface JsonMetric {
  readonly name: string
  readonly unit: string
  readonly sum?: Points
  readonly gauge?: Points
  readonly histogram?: Points
}

export function spansIn({ resourceSpans = [] }: Json): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ parentSpanId = '', links = [], status, ...span }) => ({
        resource: attributesOf(resource),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId,
        name: span.name,
        kind: span.kind,
        attributes: attributesOf(span),
        links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        statusCode: status?.code ?? 0,
      })),
    ),
  )
}

export function metricsIn({ resourceMetrics = [] }: Json): ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, unit, sum, gauge, histogram }) =>
        [sum, gauge, histogram].flatMap((points) =>
          (points?.dataPoints ?? []).map((point) => ({
            resource: attributesOf(resource),
            name,
            unit,
            attributes: attributesOf(point),
            value: Number(point.asDouble ?? point.asInt ?? point.count),
          })),
        ),
      ),
    ),
  )
}

function attributesOf({ attributes = [] }: WithAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
