import {
  ServerAddressError,
  ServerTooOldError,
  StorageAuthenticationError,
  StorageUnavailableError,
} from '@annals/storage'
import { defineCheck, problem } from '../../check.ts'

/** Whether a server lets us in, and is one that Annals is safe on. */
export const mongodbConnection = defineCheck({
  name: 'mongodb-connection',
  looksAt: 'whether a MongoDB can be reached, takes the credentials, and is new enough',
  seconds: 25,
  kinds: {
    unreachable: problem(
      'no server answers',
      'start the server, or correct MONGODB_URI; see whether a firewall or a network policy stands between',
    ),
    refused: problem(
      'the server refuses the credentials',
      'correct name, password and authSource in MONGODB_URI, or give the user readWrite on the database',
    ),
    invalid: problem('the address cannot be used', 'set MONGODB_URI to mongodb://[name:password@]host:port/…'),
    'too-old': problem(
      'the server is older than MongoDB 7 or FerretDB 2',
      'bring the server up to date: FerretDB 1 loses updates that race, and MongoDB before 7 is no longer kept up',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    try {
      const { server, database } = await context.mongoLink.get()
      return `${server}, database ${database.databaseName}`
    } catch (error) {
      const expected = 'a server that lets us in'
      if (error instanceof StorageUnavailableError) report('unreachable', { found: error.message, expected })
      else if (error instanceof StorageAuthenticationError) report('refused', { found: error.message, expected })
      else if (error instanceof ServerAddressError) report('invalid', { found: error.message })
      else if (error instanceof ServerTooOldError) report('too-old', { found: error.found, expected: error.required })
      else throw error
      return ''
    }
  },
})
