import type { NewEvent, StoredEvent } from '@annals/events'

type Attributes = Record<string, string | number | boolean>

/**
 * What a span says of an event: what it is about, by ids and numbers alone. What people wrote, or gave as a name, is not
 * in it.
 */
export function eventAttributes(event: NewEvent | StoredEvent): Attributes {
  return {
    'messaging.message.id': event.id,
    'annals.event.name': event.name,
    'annals.community.id': event.communityId,
    ...payloadAttributes(event),
  }
}

function payloadAttributes(event: NewEvent): Attributes {
  switch (event.name) {
    case 'ArchiveDue':
    case 'ArchivingStarted':
    case 'NoArchiveCreated':
      return range(event.payload)
    case 'ArchiveCreated': {
      const { infoHash, generation, archiveCount } = event.payload
      return {
        ...range(event.payload),
        'annals.torrent.infohash': infoHash,
        'annals.archive.number': generation,
        'annals.archive.count': archiveCount,
      }
    }
    case 'SeedingStarted':
    case 'ArchivesDownloaded':
      return {
        'annals.torrent.infohash': event.payload.infoHash,
        'annals.archive.number': event.payload.generation,
      }
    case 'Unseeded':
    case 'MagnetLinkDispatched':
    case 'MagnetLinkReceived':
    case 'DownloadStarted':
    case 'ImportStarted':
    case 'ArchiveDownloaded':
    case 'DownloadFinished':
      return { 'annals.torrent.infohash': event.payload.infoHash }
    case 'ArchivesReachable':
      return { 'annals.torrent.infohash': event.payload.infoHash, 'annals.reach.outcome': 'reachable' }
    case 'ArchivesUnreachable':
      return { 'annals.torrent.infohash': event.payload.infoHash, 'annals.reach.outcome': event.payload.failure }
    case 'CommunityAdded':
    case 'CommunityChatsChanged':
    case 'CommunityLeft':
    case 'ControlTaken':
    case 'ControlReleased':
    case 'CommunityVisibilityChanged':
    case 'ArchiveRequested':
    case 'ArchivingEnabled':
    case 'ArchivingDisabled':
    case 'HistorySyncRequested':
    case 'HistorySynced':
    case 'GroupKeyAdded':
    case 'GroupKeyExhausted':
    case 'ArchiveDecrypted':
      return {}
    default:
      return event satisfies never
  }
}

function range({ from, to }: { readonly from: number; readonly to: number }): Attributes {
  return { 'annals.range.from': from, 'annals.range.to': to }
}
