import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { decodeArchive } from '@annals/archive'
import { fromHex } from '@annals/crypto'
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
    for (const message of decodeArchive(await readBlob(context.blobs, archive.blob)).messages()) {
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
