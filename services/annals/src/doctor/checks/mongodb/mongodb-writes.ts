import { StorageAuthenticationError, StorageUnavailableError } from '@annals/storage'
import { probeWrite } from '@annals/storage/mongo'
import { defineCheck, problem, warning } from '../../check.ts'

const slowMilliseconds = 1000

/** Whether what is written is safe. */
export const mongodbWrites = defineCheck({
  name: 'mongodb-writes',
  looksAt: 'whether a majority acknowledges a write, in a collection of its own that is removed again',
  seconds: 30,
  kinds: {
    refused: problem(
      'the user may not write',
      'give the user readWrite on the database: the services read, write, and make collections and indexes',
    ),
    unacknowledged: problem(
      'the write is not acknowledged',
      'bring back members of the replica set until a majority is there, and see the server’s log: no service gets anything done meanwhile',
    ),
    slow: warning(
      'the acknowledgement takes more than a second',
      'see what slows the server’s disk down, or which member of the replica set is behind',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const link = await context.mongo()
    try {
      const milliseconds = await probeWrite(link)
      const found = `acknowledged after ${milliseconds.toFixed(1)} ms`
      if (milliseconds > slowMilliseconds) report('slow', { found, expected: `${slowMilliseconds} ms or less` })
      return found
    } catch (error) {
      if (error instanceof StorageAuthenticationError) report('refused', { found: error.message })
      else if (error instanceof StorageUnavailableError) report('unacknowledged', { found: error.message })
      else throw error
      return ''
    }
  },
})
