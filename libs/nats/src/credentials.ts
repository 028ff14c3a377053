import { readFileSync } from 'node:fs'
import { credsAuthenticator } from '@nats-io/transport-node'
import type { Authenticator } from '@nats-io/transport-node'
import { InvalidNatsOptionError } from './errors.ts'

/**
 * Signs in with a file that holds a user's JWT and seed. The file is read at each connection, so it may be renewed; while
 * it cannot be read, or is being written, what it held last serves.
 * @throws InvalidNatsOptionError
 */
export function credentialsAuthenticator(path: string): Authenticator {
  let last = readCredentials(path)
  return (nonce) => {
    try {
      last = readCredentials(path)
    } catch (error) {
      if (!(error instanceof InvalidNatsOptionError)) throw error
    }
    return last(nonce)
  }
}

function readCredentials(path: string): Authenticator {
  try {
    const authenticator = credsAuthenticator(readFileSync(path))
    // It looks at what the file holds only when it signs.
    authenticator('nonce')
    return authenticator
  } catch (error) {
    const reason = `${path} cannot be read, or does not hold a user's JWT and seed`
    throw new InvalidNatsOptionError('credentialsFile', reason, error)
  }
}
