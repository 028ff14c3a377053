import type { ArchiveEntry, WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { DownloadProgress } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { ArchiveError, decodeArchive } from '@annals/archive'
import { eventId } from '@annals/events'

/** Stored with one wait for the disk; the messages are views of the archive, so that they take no memory of their own. */
const batchSize = 20_000

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
  const encoded = await readWhole(withoutPadding(fetch, entry), entry.sizeBytes - entry.paddingBytes)
  // Side by side: the blob mostly waits for the disk, the messages for the processor. Done again, both come to the same.
  const [imported, stored] = await Promise.allSettled([
    importMessages(context, communityId, entry, encoded, signal),
    context.blobs.put([encoded]),
  ])
  if (imported.status === 'rejected') throw imported.reason
  if (stored.status === 'rejected') throw stored.reason
  return { blob: stored.value.key, ...imported.value }
}

async function importMessages(
  context: ServiceContext,
  communityId: string,
  entry: ArchiveEntry,
  encoded: Uint8Array,
  signal: AbortSignal,
): Promise<Omit<Imported, 'blob'>> {
  let [stored, known, setAside] = [0, 0, 0]
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
  return { stored, known, setAside }
}

async function* withoutPadding(fetch: Pick<TorrentFetch, 'read'>, entry: ArchiveEntry): AsyncIterable<Uint8Array> {
  let left = entry.sizeBytes - entry.paddingBytes
  for await (const part of fetch.read(entry.offsetBytes, entry.sizeBytes)) {
    if (left <= 0) return
    yield part.subarray(0, left)
    left -= part.length
  }
}

async function readWhole(parts: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for await (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
