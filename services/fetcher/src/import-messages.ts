import type { WakuMessage } from '@annals/archive'
import type { OpenedBytes } from '@annals/keys'
import type { ServiceContext } from '@annals/service'
import type { DownloadProgress } from '@annals/storage'
import { ArchiveError, decodeArchive } from '@annals/archive'

/** Stored with one wait for the disk; the messages are views of the archive, so that they take no memory of their own. */
const batchSize = 20_000

/** What became of an archive's messages. */
export type ImportedMessages = Omit<DownloadProgress['imported'][string], 'blob'>

/** Stores the messages of an archive that was decrypted, or sets aside one that never will be. */
export async function importOpened(
  context: ServiceContext,
  communityId: string,
  archiveId: string,
  opened: Exclude<OpenedBytes, { kind: 'key-missing' }>,
  signal: AbortSignal,
): Promise<ImportedMessages> {
  const imported =
    opened.kind === 'refused'
      ? damaged(context, communityId, archiveId, opened.error)
      : await importMessages(context, communityId, archiveId, opened.plain, signal)
  for (const [outcome, count] of Object.entries(imported))
    context.metrics.add('importedMessages', count, { 'annals.message.outcome': outcome })
  return imported
}

/**
 * Stores an archive's messages. Known ones are left alone; one that does not decode is set aside with its reason and
 * counted, and the rest goes on. Done again after a crash it comes to the same.
 */
async function importMessages(
  context: ServiceContext,
  communityId: string,
  archiveId: string,
  plain: Uint8Array,
  signal: AbortSignal,
): Promise<ImportedMessages> {
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
    for (const message of decodeArchive(plain).messages()) {
      if ('rejected' in message) {
        setAside += 1
        context.log.warn(
          { communityId, archive: archiveId, err: message.rejected },
          'a message of an archive is set aside',
        )
        continue
      }
      batch.push(message)
      if (batch.length >= batchSize) await ingest()
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    setAside += damaged(context, communityId, archiveId, error).setAside
  }
  await ingest()
  return { stored, known, setAside }
}

/** What becomes of an archive that nobody can read: it is set aside whole. */
function damaged(context: ServiceContext, communityId: string, archive: string, err: Error): ImportedMessages {
  context.log.error({ communityId, archive, err }, 'an archive is damaged and is set aside; the others go on')
  return { stored: 0, known: 0, setAside: 1 }
}
