import type { PartitionedRange, SealBuffer, WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Catalogue, CatalogueArchive, CommunityDocument } from '@annals/storage'
import { sealArchives } from '@annals/archive'
import { chatId, contentTopic, toHex } from '@annals/crypto'
import { sha1 } from '@annals/service'
import { dataLengthBytes, toCatalogueArchive } from '@annals/storage'
import { encryptionOf } from './encryption-of.ts'
import { findLateSpans, messagesOfSpan, pendingOfRange } from './late-messages.ts'
import { makeTorrent } from './make-torrent.ts'

export interface SealingTools {
  /** Ends a sealing between two archives. */
  readonly signal: AbortSignal
  readonly buffer: SealBuffer
}

/**
 * Seals what is pending before `range.to` and answers the catalogue as it then is: supplements for what came late, then
 * the range. Writes blobs, nothing else: until the catalogue's row is written, nobody sees them. The old archives' bytes are
 * not touched and not read. An encrypted community's archives are encrypted each, and then its whole index.
 */
export async function appendArchives(
  context: ServiceContext,
  community: CommunityDocument,
  before: Catalogue,
  range: PartitionedRange,
  { signal, buffer }: SealingTools,
): Promise<Catalogue> {
  const { communityId } = community
  const topics = community.chats.map((chat) => contentTopic(chatId(communityId, chat.channelId)))
  const pending = await context.messages.pendingCount(communityId, topics)
  const archives: CatalogueArchive[] = []
  const pieceHashes: Uint8Array[] = []
  const leftOut: { timestamp: number; hash: string }[] = []
  let messages = 0
  const encrypt = await encryptionOf(context, communityId, before)
  const seal = async (batches: AsyncIterable<readonly WakuMessage[]>, part: PartitionedRange): Promise<void> => {
    const offsetBytes = dataLengthBytes([...before.archives, ...archives])
    const options = { ...part, contentTopics: topics, offsetBytes, sha1, buffer, ...(encrypt && { encrypt }) }
    for await (const sealed of sealArchives(batches, options)) {
      signal.throwIfAborted()
      if (sealed.kind === 'left-out') {
        context.log.warn({ communityId, ...sealed }, 'a message is too large for any archive and is left out')
        leftOut.push({ timestamp: sealed.message.timestamp, hash: toHex(sealed.message.hash) })
        continue
      }
      const blob = await context.blobs.put([sealed.encoded])
      archives.push(toCatalogueArchive(sealed.entry, blob.key, sealed.messages))
      pieceHashes.push(sealed.pieceHashes)
      messages += sealed.messages
      // A supplement also holds what was sealed before.
      const done = Math.min(messages, pending)
      context.progress.report({ task: 'archive', communityId, done, total: pending, unit: 'messages' })
    }
  }
  for (const span of await findLateSpans(context, communityId, range, topics))
    await seal(messagesOfSpan(context, communityId, span, topics, before), span)
  await seal(pendingOfRange(context, communityId, range, topics), range)
  const common = {
    lastArchivedEnd: range.to,
    lastRange: { from: range.from, to: range.to, newArchives: archives.length, leftOut },
  }
  if (archives.length === 0) return { ...before, ...common }
  return {
    ...common,
    generation: before.generation + 1,
    archives: [...before.archives, ...archives],
    torrent: await makeTorrent(context, communityId, before, { archives, pieceHashes }, encrypt),
    ...((encrypt ?? before.encrypted) && { encrypted: true }),
    ...previousOf(before),
    superseded: before.torrent === undefined ? [] : [before.torrent.indexBlob, before.torrent.infoBlob],
  }
}

function previousOf({ torrent, archives }: Catalogue): Pick<Catalogue, 'previous'> {
  if (torrent === undefined) return {}
  const { infoHash, indexBlob, indexBytes } = torrent
  return { previous: { infoHash, dataBytes: dataLengthBytes(archives), indexBlob, indexBytes } }
}
