import { connectMongo } from '../connect-mongo.ts'
import type { MongoLink } from '../mongo-link.ts'

/** For scripts that are killed: the server's address and the database from the command line. */
export async function openLink(): Promise<MongoLink> {
  const [uri = '', namespace = ''] = process.argv.slice(2)
  return connectMongo({ uri, namespace, appName: 'annals-test' })
}
