import { Binary, ObjectId } from 'mongodb'
import { openTestStore } from '../open-test-database.ts'
import { describeBlobStoreContract, type BlobStoreHarness } from '../testing/blob-store-contract.ts'
import { BlobFiles, draftName } from './blob-files.ts'
import { chunkBytes } from './blob-upload.ts'
import { openGridfsBlobs } from './open-gridfs-blobs.ts'

async function openHarness(): Promise<BlobStoreHarness> {
  let time = Date.now()
  const harness = await openTestStore((link) => openGridfsBlobs({ link, now: () => time }))
  const { files, chunks } = new BlobFiles(harness.link, () => time)
  return {
    ...harness,
    async damage(key, how) {
      const file = await files.findOne({ filename: key })
      const filter = { files_id: file?._id ?? new ObjectId(), n: 0 }
      if (how === 'cut') {
        await chunks.deleteOne(filter)
        return
      }
      const chunk = await chunks.findOne(filter)
      const data = Buffer.from(chunk?.data as unknown as Buffer)
      data[0] = (data[0] ?? 0) ^ 1
      await chunks.updateOne(filter, { $set: { data: new Binary(data) } })
    },
    setTime(milliseconds) {
      time = milliseconds
    },
    async leaveDraft() {
      const _id = new ObjectId()
      await files.insertOne({
        _id,
        filename: draftName(_id),
        length: 0,
        chunkSize: chunkBytes,
        uploadDate: new Date(time),
        metadata: { leftAtMilliseconds: time },
      })
      await chunks.insertOne({ _id: new ObjectId(), files_id: _id, n: 0, data: new Binary(Buffer.alloc(10)) })
    },
    async countStored() {
      const ids = [...(await files.distinct('_id')), ...(await chunks.distinct('files_id'))]
      return new Set(ids.map(String)).size
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  }
}

describeBlobStoreContract('GridFS', openHarness)
