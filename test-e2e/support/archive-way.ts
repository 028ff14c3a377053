import type { ReceivedSpan } from '@annals/telemetry/testing'

/** The first step of an archive's way: its trace has it once. */
export const wayBegins = 'publish annals.events.ArchiveDue'

/** The way of an archive from a control node to a member, as its spans tell it: who does what. */
export const archiveWay: readonly (readonly [service: string, span: string])[] = [
  ['scheduler', wayBegins],
  ['archiver', 'process annals.events.ArchiveDue'],
  ['archiver', 'put catalogues'],
  ['archiver', 'publish annals.events.ArchiveCreated'],
  ['seeder', 'process annals.events.ArchiveCreated'],
  ['seeder', 'publish annals.events.SeedingStarted'],
  ['magnet-dispatcher', 'process annals.events.SeedingStarted'],
  ['magnet-dispatcher', 'publish announcements'],
  ['fetcher', 'process announcements'],
  ['fetcher', 'bring archives'],
  ['fetcher', 'ingest messages'],
  ['fetcher', 'publish annals.events.ArchivesDownloaded'],
]

/** Who does what in a trace. The log's namespace is left out of the names. */
export function stepsOf(spans: readonly ReceivedSpan[], traceId: string, namespaces = ['annals']): unknown[][] {
  const bare = (name: string): string =>
    namespaces.reduce((text, namespace) => text.replace(` ${namespace}.events.`, ' annals.events.'), name)
  return spans
    .filter((span) => span.traceId === traceId)
    .map(({ resource, name }) => [resource['annals.service'], bare(name)])
}

/** The spans whose parent was not received, although they have one. */
export function orphansOf(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const known = new Set(spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`))
  return spans.filter(({ traceId, parentSpanId }) => parentSpanId !== '' && !known.has(`${traceId}/${parentSpanId}`))
}
