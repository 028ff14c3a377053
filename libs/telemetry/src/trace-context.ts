import { AsyncLocalStorage } from 'node:async_hooks'
import type { Span } from '@opentelemetry/api'
import type { Tracing } from './tracing.ts'
import { parseTraceparent } from './traceparent.ts'

/** What is under way. */
export interface Scope {
  /** W3C trace context of the span, or, where nothing is recorded, of what came before. */
  readonly traceparent: string | undefined
  /** Where the span is recorded: its service, and itself. */
  readonly recording?: { readonly tracing: Tracing; readonly span: Span }
  /** What is published within it begins traces of its own, linked to it. */
  readonly beginsTraces?: boolean
}

/**
 * Which span the running code belongs to, across `await`. A value that is handed on, not a global one: several nodes may
 * run in one process, each with its own.
 */
export class TraceContext {
  readonly #scopes = new AsyncLocalStorage<Scope | undefined>()

  get scope(): Scope | undefined {
    return this.#scopes.getStore()
  }

  run<T>(scope: Scope, work: () => T): T {
    return this.#scopes.run(scope, work)
  }

  /** For work that is begun within a span and outlives it, such as a loop: it belongs to no span. */
  outside<T>(work: () => T): T {
    return this.#scopes.run(undefined, work)
  }

  /** What a line of the log says of its span; for pino's `mixin`. */
  logFields(): { readonly trace_id?: string; readonly span_id?: string } {
    const context = parseTraceparent(this.scope?.traceparent)
    return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId }
  }
}
