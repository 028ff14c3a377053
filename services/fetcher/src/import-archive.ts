import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { DownloadProgress } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { eventId } from '@annals/events'
import { importOpened } from './import-messages.ts'
import { keepWaiting } from './waiting-archives.ts'

type Imported = DownloadProgress['imported'][string]

/**
 * Stores one fetched archive as a blob and its messages as messages, or, where the key that it is encrypted under is not
 * here, as an archive that waits. Done again after a crash it comes to the same.
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
  const opened = await context.keys.cipher.open(communityId, encoded)
  if (opened.kind === 'key-missing') {
    const { key: blob } = await context.blobs.put([encoded])
    const waiting = { archiveId: entry.id, blob, wantedKey: opened.wanted }
    return { blob, ...(await keepWaiting(context, communityId, waiting, encoded, signal)) }
  }
  // Side by side: the blob mostly waits for the disk, the messages for the processor. Done again, both come to the same.
  const [imported, stored] = await Promise.allSettled([
    importOpened(context, communityId, entry.id, opened, signal),
    context.blobs.put([encoded]),
  ])
  if (imported.status === 'rejected') throw imported.reason
  if (stored.status === 'rejected') throw stored.reason
  return { blob: stored.value.key, ...imported.value }
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
