import { databaseSize } from '@annals/storage/mongo'
import { bytesText } from '../../../output/format.ts'
import { defineCheck, warning } from '../../check.ts'
import { findShortage } from '../local/disk-space.ts'

/** How large the database is. */
export const mongodbSize = defineCheck({
  name: 'mongodb-size',
  looksAt: 'the size of the database, and free space on its disk where the server tells it',
  seconds: 20,
  kinds: {
    low: warning('less than 1 GiB or 5 % is free on the server’s disk', 'give the server a larger disk, or free space'),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const { collections, totalBytes, disk } = await databaseSize(await context.mongo())
    const size = `${bytesText(totalBytes)} in ${collections} collections`
    if (disk === undefined) return size
    const freeBytes = disk.totalBytes - disk.usedBytes
    const free = `${bytesText(freeBytes)} free of ${bytesText(disk.totalBytes)}`
    if (findShortage(freeBytes, disk.totalBytes) !== undefined)
      report('low', { found: free, expected: '1 GiB and 5 % or more' })
    return `${size}; ${free}`
  },
})
