import type { EventName, StoredEvent } from '@annals/events'
import type { ArchiveStep, GetArchiveWayRequest, GetArchiveWayResponse } from '@annals/proto/api/v1'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

const made = [
  'ArchiveDue',
  'ArchivingStarted',
  'ArchiveCreated',
  'SeedingStarted',
  'MagnetLinkDispatched',
  'ArchivesReachable',
] as const
const fetched = [
  'MagnetLinkReceived',
  'DownloadStarted',
  'ArchivesDownloaded',
  'DownloadFinished',
  'SeedingStarted',
] as const

/**
 * Out of the log, by the community and the names of the steps: of the years before, only the events that begin a way are
 * read.
 */
export async function getArchiveWay(
  context: CallContext,
  request: GetArchiveWayRequest,
): Promise<GetArchiveWayResponse> {
  const { communityId, controlNode } = await knownCommunity(context, request.communityId)
  const names = controlNode ? made.filter((name) => isTold(context, name)) : fetched
  const first = await lastOf(context, communityId, controlNode ? made[0] : fetched[0])
  if (first === undefined) return { steps: [], infoHash: '' }
  const way = new Map<EventName, StoredEvent>([[first.name, first]])
  let infoHash = first.name === 'MagnetLinkReceived' ? first.payload.infoHash : ''
  const range = first.name === 'ArchiveDue' ? first.payload : undefined
  const read = { communityId, names: [...names.slice(1), 'NoArchiveCreated' as const], after: first.sequence }
  for await (const event of context.bus.read({ ...read, signal: context.signal })) {
    if (way.has(event.name) || !belongs(event, range?.to, infoHash)) continue
    way.set(event.name, event)
    if (event.name === 'ArchiveCreated') ({ infoHash } = event.payload)
  }
  const isEmpty = way.has('NoArchiveCreated')
  const steps = isEmpty ? (['ArchiveDue', 'ArchivingStarted', 'NoArchiveCreated'] as const) : names
  return {
    steps: steps.map((name) => toStep(name, way.get(name))),
    ...(range !== undefined && { from: range.from, to: range.to }),
    infoHash,
  }
}

/** Where nobody fetches as a stranger, nobody says what came of it. */
function isTold({ config }: CallContext, name: (typeof made)[number]): boolean {
  return name !== 'ArchivesReachable' || config.fetchProbeSeconds > 0
}

/** Events of another range, or of another torrent, are of another way. */
function belongs({ payload }: StoredEvent, to: number | undefined, infoHash: string): boolean {
  if ('infoHash' in payload && infoHash !== '') return payload.infoHash === infoHash
  return 'to' in payload && payload.to === to
}

function toStep(eventName: EventName, event: StoredEvent | undefined): ArchiveStep {
  return {
    eventName,
    eventId: event?.id ?? '',
    sequence: event?.sequence,
    timeMilliseconds: event?.timeMilliseconds,
  }
}

async function lastOf(
  { bus, signal }: CallContext,
  communityId: string,
  name: 'ArchiveDue' | 'MagnetLinkReceived',
): Promise<StoredEvent<'ArchiveDue' | 'MagnetLinkReceived'> | undefined> {
  let last: StoredEvent<'ArchiveDue' | 'MagnetLinkReceived'> | undefined
  for await (const event of bus.read({ communityId, names: [name], signal })) last = event as typeof last
  return last
}
