import { inspectBlobs } from '@annals/storage/mongo'
import { defineCheck, problem, warning } from '../../check.ts'

/** What a killed process left is swept after less than that. */
const leftMilliseconds = 7 * 86_400_000
const manyLeft = 100

/** The bucket of blobs in GridFS. */
export const mongodbBlobs = defineCheck({
  name: 'mongodb-blobs',
  looksAt: 'the collections of GridFS: blobs.files and blobs.chunks',
  seconds: 30,
  kinds: {
    halved: problem(
      'there are files and no chunks, or the other way round',
      'restore the whole database from a backup: archives cannot be read, or what is there belongs to nothing',
    ),
    left: warning(
      'more than 100 files are left over for a week, of uploads that were cut off or of deletions',
      'nothing is lost by them; see in the archivers’ logs why they do not collect blobs, as they do once a day',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const { files, chunks, left } = await inspectBlobs(await context.mongo(), context.now() - leftMilliseconds)
    const found = `${files} files, ${chunks} chunks`
    if ((files === 0) !== (chunks === 0)) report('halved', { found, expected: 'both or none' })
    if (left > manyLeft) report('left', { found: `${left} left over`, expected: `${manyLeft} at most` })
    return found
  },
})
