import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { decodeArchive } from '@annals/archive'
import { fromHex } from '@annals/crypto'
import { NoGroupKeyError } from '@annals/keys'
import { readBlob } from '@annals/storage'

const batchSize = 2_000

/**
 * Tells the message store which messages stand in the last range's archives. Read out of the archives themselves, so
 * that it can be done again after a crash, and so that a message which arrived while they were made stays pending.
 */
export async function settleRange(
  context: ServiceContext,
  communityId: string,
  catalogue: Catalogue,
  range: NonNullable<Catalogue['lastRange']>,
): Promise<void> {
  const archives = range.newArchives === 0 ? [] : catalogue.archives.slice(-range.newArchives)
  for (const archive of archives) {
    let batch: { timestamp: number; hash: Uint8Array }[] = []
    const plain = await readPlain(context, communityId, archive.blob)
    for (const message of decodeArchive(plain).messages()) {
      if ('rejected' in message) throw message.rejected
      batch.push({ timestamp: message.timestamp, hash: message.hash })
      if (batch.length < batchSize) continue
      await context.messages.settle(communityId, batch, 'archived')
      batch = []
    }
    await context.messages.settle(communityId, batch, 'archived')
  }
  const leftOut = range.leftOut.map((each) => ({ timestamp: each.timestamp, hash: fromHex(each.hash) }))
  await context.messages.settle(communityId, leftOut, 'too-large')
}

/** @throws NoGroupKeyError where the key that it was encrypted under is gone; it is tried again */
async function readPlain(context: ServiceContext, communityId: string, blob: string): Promise<Uint8Array> {
  const opened = await context.keys.cipher.open(communityId, await readBlob(context.blobs, blob))
  if (opened.kind === 'opened') return opened.plain
  throw opened.kind === 'refused' ? opened.error : new NoGroupKeyError(communityId)
}
