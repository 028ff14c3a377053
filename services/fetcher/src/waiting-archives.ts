import type { ServiceContext } from '@annals/service'
import type { Versioned, WaitingArchive } from '@annals/storage'
import { eventId } from '@annals/events'
import { wantedKeyText } from '@annals/keys'
import {
  BlobCorruptError,
  BlobMissingError,
  catalogues,
  downloadProgress,
  emptyCatalogue,
  readBlob,
  waitingArchives,
  updateDocument,
} from '@annals/storage'
import type { ImportedMessages } from './import-messages.ts'
import { importOpened } from './import-messages.ts'

const nothing: ImportedMessages = { stored: 0, known: 0, setAside: 0 }

/** All archives of a community that wait for a key, whatever torrents they came with. */
export function waitingOf(context: ServiceContext, communityId: string): Promise<Versioned<WaitingArchive>[]> {
  return Array.fromAsync(context.state.collection(waitingArchives).list({ prefix: `${communityId}/` }))
}

/**
 * Writes down that an archive waits for its key. Whoever brings the key meanwhile sees either that, or its key is found
 * here, since it is looked for once more afterwards; then the archive is imported at once.
 */
export async function keepWaiting(
  context: ServiceContext,
  communityId: string,
  waiting: WaitingArchive,
  encoded: Uint8Array,
  signal: AbortSignal,
): Promise<ImportedMessages> {
  const { archiveId, blob, wantedKey } = waiting
  const rows = context.state.collection(waitingArchives)
  const row = await updateDocument(rows, rowId(communityId, blob), (value) => value ?? waiting)
  const opened = await context.keys.cipher.open(communityId, encoded)
  if (opened.kind === 'key-missing') {
    const key = wantedKeyText(wantedKey)
    context.log.info(
      { communityId, archive: archiveId, key },
      'an archive waits for the key that it is encrypted under',
    )
    return nothing
  }
  const imported = await importOpened(context, communityId, archiveId, opened, signal)
  await rows.delete(row.id, row.version)
  return imported
}

/**
 * Imports the archives whose key has come, out of the blobs that were kept. To be called by whoever has the claim on the
 * community's download, so that nobody else writes its progress and catalogue. What a crash cuts off is done again.
 */
export async function importWaiting(context: ServiceContext, communityId: string, signal: AbortSignal): Promise<void> {
  for (const row of await waitingOf(context, communityId)) {
    signal.throwIfAborted()
    if (!(await context.keys.cipher.has(communityId, row.value.wantedKey))) continue
    try {
      await importOne(context, communityId, row, signal)
    } catch (error) {
      // Of no use to try again soon, and no reason to hold up the others.
      if (!(error instanceof BlobMissingError || error instanceof BlobCorruptError)) throw error
      const { archiveId } = row.value
      context.log.error({ communityId, archive: archiveId, err: error }, 'the bytes of an archive that waits are lost')
    }
  }
}

async function importOne(
  context: ServiceContext,
  communityId: string,
  row: Versioned<WaitingArchive>,
  signal: AbortSignal,
): Promise<void> {
  const { archiveId, blob } = row.value
  const opened = await context.keys.cipher.open(communityId, await readBlob(context.blobs, blob))
  if (opened.kind === 'key-missing') return
  const imported = await importOpened(context, communityId, archiveId, opened, signal)
  await noteImported(context, communityId, row.value, imported)
  await context.bus.publish(
    {
      id: eventId('ArchiveDecrypted', communityId, archiveId, blob),
      name: 'ArchiveDecrypted',
      communityId,
      payload: {
        archiveId,
        messagesImported: imported.stored,
        messagesKnown: imported.known,
        messagesSetAside: imported.setAside,
      },
    },
    { source: 'fetcher' },
  )
  await context.state.collection(waitingArchives).delete(row.id, row.version)
}

/** In the progress of the download under way, and in the catalogue, where the archive stands there. */
async function noteImported(
  context: ServiceContext,
  communityId: string,
  { archiveId, blob }: WaitingArchive,
  imported: ImportedMessages,
): Promise<void> {
  const progress = context.state.collection(downloadProgress)
  const row = await progress.get(communityId)
  if (row?.value.imported[archiveId]?.blob === blob) {
    const all = { ...row.value.imported, [archiveId]: { blob, ...imported } }
    await progress.put(communityId, { ...row.value, imported: all }, row.version)
  }
  const messages = imported.stored + imported.known
  const isIt = (each: { readonly id: string; readonly blob: string }): boolean =>
    each.id === archiveId && each.blob === blob
  const rows = context.state.collection(catalogues)
  if ((await rows.get(communityId))?.value.archives.some(isIt) !== true) return
  await updateDocument(rows, communityId, (value = emptyCatalogue) => ({
    ...value,
    archives: value.archives.map((each) => (isIt(each) ? { ...each, messages } : each)),
  }))
}

function rowId(communityId: string, blob: string): string {
  return `${communityId}/${blob}`
}
