import type { ArchiveEntry, WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { DownloadProgress } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { ArchiveError, decodeArchive } from '@annals/archive'
import { eventId } from '@annals/events'

const batchSize = 2_000

type Imported = DownloadProgress['imported'][string]

/**
 * Stores one fetched archive as a blob and its messages as messages. Known messages are left alone; one that does not
 * decode is set aside with its reason and counted, and the rest goes on. Done again after a crash it comes to the same.
 */
export async function importArchive(
  context: ServiceContext,
  communityId: string,
  infoHash: string,
  fetch: Pick<TorrentFetch, 'read'>,
  entry: ArchiveEntry,
  archives: number,
  signal: AbortSignal,
): Promise<Imported> {
  await context.bus.publish(
    {
      id: eventId('ImportStarted', communityId, infoHash),
      name: 'ImportStarted',
      communityId,
      payload: { infoHash, archives },
    },
    { source: 'fetcher' },
  )
  // Kept while they go by: to read the blob again, and check it, takes a fifth of an import.
  const encoded = new Uint8Array(entry.sizeBytes - entry.paddingBytes)
  const blob = await context.blobs.put(copyingInto(encoded, withoutPadding(fetch, entry)))
  const nothing = { blob: blob.key, stored: 0, known: 0, setAside: 0 }
  return importMessages(context, communityId, entry, encoded, nothing, signal)
}

async function importMessages(
  context: ServiceContext,
  communityId: string,
  entry: ArchiveEntry,
  encoded: Uint8Array,
  counts: Imported,
  signal: AbortSignal,
): Promise<Imported> {
  let { stored, known, setAside } = counts
  let batch: WakuMessage[] = []
  const ingest = async (): Promise<void> => {
    signal.throwIfAborted()
    const result = await context.messages.ingest(communityId, batch, 'archived')
    stored += result.stored
    known += result.known
    batch = []
  }
  try {
    for (const message of decodeArchive(encoded).messages()) {
      if ('rejected' in message) {
        setAside += 1
        context.log.warn(
          { communityId, archive: entry.id, err: message.rejected },
          'a message of an archive is set aside',
        )
        continue
      }
      batch.push(message)
      if (batch.length >= batchSize) await ingest()
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    setAside += 1
    context.log.error(
      { communityId, archive: entry.id, err: error },
      'an archive is damaged and is set aside; the others go on',
    )
  }
  await ingest()
  return { ...counts, stored, known, setAside }
}

async function* withoutPadding(fetch: Pick<TorrentFetch, 'read'>, entry: ArchiveEntry): AsyncIterable<Uint8Array> {
  let left = entry.sizeBytes - entry.paddingBytes
  for await (const part of fetch.read(entry.offsetBytes, entry.sizeBytes)) {
    if (left <= 0) return
    yield part.subarray(0, left)
    left -= part.length
  }
}

async function* copyingInto(whole: Uint8Array, parts: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let at = 0
  for await (const part of parts) {
    whole.set(part, at)
    at += part.length
    yield part
  }
}
