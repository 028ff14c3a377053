import type { BlobStore, Collection, CollectionDefinition, MessageStore, StateStore } from '@annals/storage'
import type { SpanSpec, TraceContext } from '@annals/telemetry'
import { spanWithin } from '@annals/telemetry'
import type { Engines } from '../engines/engines.ts'

/** A span for each call of a store, in the words of the semantic conventions for databases. */
class StoreSpans {
  readonly #context: TraceContext
  readonly #attributes: Readonly<Record<string, string>>

  constructor(context: TraceContext, attributes: Readonly<Record<string, string>>) {
    this.#context = context
    this.#attributes = attributes
  }

  run<T>(operation: string, collection: string, work: () => Promise<T>): Promise<T> {
    const spec = (): SpanSpec => ({
      name: `${operation} ${collection}`,
      kind: 'client',
      attributes: { ...this.#attributes, 'db.operation.name': operation, 'db.collection.name': collection },
    })
    return spanWithin(this.#context, spec, work)
  }
}

/**
 * The engines with a span for each call of a store that a span under way leads to. Calls that hand out what they find bit by
 * bit have none: how long they take is up to whoever asks.
 */
export function traceStores<T extends Engines>(engines: T, context: TraceContext, namespace: string): T {
  const { state, messages, blobs, shared } = engines
  const database = { 'db.system.name': shared ? 'mongodb' : 'sqlite', 'db.namespace': namespace }
  const spans = new StoreSpans(context, database)
  return {
    ...engines,
    state: traceState(state, spans),
    messages: traceMessages(messages, spans),
    blobs: traceBlobs(blobs, shared ? spans : new StoreSpans(context, { 'db.system.name': 'files' })),
  }
}

function traceState(state: StateStore, spans: StoreSpans): StateStore {
  return {
    collection: (definition) => traceCollection(state.collection(definition), definition, spans),
    scrub: () => state.scrub(),
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

function traceCollection<T>(
  collection: Collection<T>,
  { name }: CollectionDefinition<T>,
  spans: StoreSpans,
): Collection<T> {
  return {
    get: (id) => spans.run('get', name, () => collection.get(id)),
    put: (id, value, version) => spans.run('put', name, () => collection.put(id, value, version)),
    putMany: (writes) => spans.run('putMany', name, () => collection.putMany(writes)),
    delete: (id, version) => spans.run('delete', name, () => collection.delete(id, version)),
    list: (options) => collection.list(options),
    claimDue: (claim) => spans.run('claimDue', name, () => collection.claimDue(claim)),
    claimDueMany: (claim, limit) => spans.run('claimDueMany', name, () => collection.claimDueMany(claim, limit)),
    extendClaim: (row, claim) => spans.run('extendClaim', name, () => collection.extendClaim(row, claim)),
    nextDueAt: () => spans.run('nextDueAt', name, () => collection.nextDueAt()),
  }
}

function traceMessages(messages: MessageStore, spans: StoreSpans): MessageStore {
  const run = <T>(operation: string, work: () => Promise<T>): Promise<T> => spans.run(operation, 'messages', work)
  return {
    ingest: (community, batch, state) => run('ingest', () => messages.ingest(community, batch, state)),
    pending: (community, query) => messages.pending(community, query),
    settle: (community, keys, state) => run('settle', () => messages.settle(community, keys, state)),
    range: (community, range) => messages.range(community, range),
    span: (community, topics) => run('span', () => messages.span(community, topics)),
    pendingCount: (community, topics) => run('pendingCount', () => messages.pendingCount(community, topics)),
    summary: (community, topics) => run('summary', () => messages.summary(community, topics)),
    deleteCommunity: (community) => run('deleteCommunity', () => messages.deleteCommunity(community)),
    [Symbol.asyncDispose]: () => messages[Symbol.asyncDispose](),
  }
}

function traceBlobs(blobs: BlobStore, spans: StoreSpans): BlobStore {
  const run = <T>(operation: string, work: () => Promise<T>): Promise<T> => spans.run(operation, 'blobs', work)
  return {
    put: (content) => run('put', () => blobs.put(content)),
    read: (key) => blobs.read(key),
    readRange: (key, offset, size) => blobs.readRange(key, offset, size),
    has: (key) => run('has', () => blobs.has(key)),
    delete: (key) => run('delete', () => blobs.delete(key)),
    list: () => blobs.list(),
    deleteUnused: (key, since) => run('deleteUnused', () => blobs.deleteUnused(key, since)),
    sweep: (before) => run('sweep', () => blobs.sweep(before)),
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  }
}
