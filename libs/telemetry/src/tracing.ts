import type { Attributes, Context, Link, Span, Tracer } from '@opentelemetry/api'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Scope, TraceContext } from './trace-context.ts'
import { childOf, formatTraceparent, parseTraceparent } from './traceparent.ts'

export interface SpanSpec {
  /** Of few different values: what is one of many goes into the attributes. */
  readonly name: string
  readonly kind?: 'internal' | 'producer' | 'consumer' | 'client' | 'server'
  readonly attributes?: Attributes
  /**
   * What it follows from: the span under way where absent, one that a `traceparent` names, or nothing. One that cannot be
   * read counts as nothing.
   */
  readonly parent?: { readonly traceparent: string | undefined }
  /** `traceparent`s of what it has to do with in other traces. */
  readonly links?: readonly (string | undefined)[]
  /** Whether what the work throws says that something is wrong; always where absent. */
  readonly isFailure?: (error: unknown) => boolean
  /** Many things begin in it: each event that is published within it begins a trace, linked to it. */
  readonly beginsTraces?: boolean
}

/** The span of a piece of work, for that work. */
export interface WorkSpan {
  /** What is handed to whoever goes on from here. */
  readonly traceparent: string
  set(attributes: Attributes): void
}

const kinds = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
}

/**
 * Spans of one service. Where nothing is recorded the work runs all the same and trace contexts are handed on, so that
 * a trace goes through services that tell nothing.
 */
export class Tracing {
  readonly #context: TraceContext
  readonly #tracer: Tracer | undefined

  constructor(context: TraceContext, tracer?: Tracer) {
    this.#context = context
    this.#tracer = tracer
  }

  /** False where all that is made is handed on and nothing told. */
  get records(): boolean {
    return this.#tracer !== undefined
  }

  /** W3C trace context of the span under way. */
  get traceparent(): string | undefined {
    return this.#context.scope?.traceparent
  }

  /** The same for a document that is kept, so that what is done later because of it goes on with the trace. */
  kept(): { readonly traceparent?: string } {
    const { traceparent } = this
    return traceparent === undefined ? {} : { traceparent }
  }

  /** Runs work in a span of its own. What it throws is thrown, and stands in the span by its class, without its text. */
  async span<T>(spec: SpanSpec, work: (span: WorkSpan) => Promise<T>): Promise<T> {
    const span = this.#start(spec)
    const beginsTraces = spec.beginsTraces === true
    if (span === undefined) {
      const before = this.#parentOf(spec) ?? childOf(undefined)
      const scope: Scope = { traceparent: before, ...(beginsTraces && { beginsTraces }) }
      return this.#context.run(scope, () => work(unrecorded(before)))
    }
    const traceparent = formatTraceparent(span.spanContext())
    const recording = { tracing: this, span }
    try {
      return await this.#context.run({ traceparent, recording, ...(beginsTraces && { beginsTraces }) }, () =>
        work({ traceparent, set: (attributes) => void span.setAttributes(attributes) }),
      )
    } catch (error) {
      if (spec.isFailure?.(error) ?? true) fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  /** Runs work that goes on with what was begun before, as one that was cut off; makes no span. */
  continue<T>(traceparent: string | undefined, work: () => T): T {
    return this.#context.run({ traceparent }, work)
  }

  /** What is handed on where no span is recorded. */
  nextTraceparent(): string {
    const { scope } = this.#context
    return childOf(scope?.beginsTraces === true ? undefined : scope?.traceparent)
  }

  /** For work that is begun within a span and outlives it, such as a loop: it belongs to no span. */
  outside<T>(work: () => T): T {
    return this.#context.outside(work)
  }

  #parentOf(spec: SpanSpec): string | undefined {
    if (spec.parent !== undefined) return spec.parent.traceparent
    return this.#beginsTrace(spec) ? undefined : this.#context.scope?.traceparent
  }

  #beginsTrace({ kind, parent }: SpanSpec): boolean {
    return kind === 'producer' && parent === undefined && this.#context.scope?.beginsTraces === true
  }

  #start(spec: SpanSpec): Span | undefined {
    if (this.#tracer === undefined) return undefined
    const { name, kind = 'internal', attributes = {}, links = [] } = spec
    const begunIn = this.#beginsTrace(spec) ? [this.#context.scope?.traceparent] : []
    const options = { kind: kinds[kind], attributes, links: [...links, ...begunIn].flatMap(linkTo) }
    return this.#tracer.startSpan(name, options, contextOf(this.#parentOf(spec)))
  }
}

/**
 * Runs work of an engine in a span of whichever service asks for it, where one is being recorded; else without one, so
 * that looking again and again for something to do leaves no trace.
 */
export async function spanWithin<T>(context: TraceContext, spec: () => SpanSpec, work: () => Promise<T>): Promise<T> {
  const recording = context.scope?.recording
  return recording?.span.isRecording() === true ? recording.tracing.span(spec(), work) : work()
}

function unrecorded(before: string | undefined): WorkSpan {
  let own: string | undefined
  return {
    get traceparent() {
      return (own ??= childOf(before))
    },
    set: () => undefined,
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = parseTraceparent(traceparent)
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
}

function linkTo(traceparent: string | undefined): Link[] {
  const context = parseTraceparent(traceparent)
  return context === undefined ? [] : [{ context }]
}

/** By its class alone: a message may quote what it is about. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
}
