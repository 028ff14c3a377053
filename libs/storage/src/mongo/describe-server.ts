import type { BuildInfo } from './check-server.ts'
import type { MongoLink } from './mongo-link.ts'

/** What stands at the other end of a link. */
export interface MongoServer {
  readonly product: 'MongoDB' | 'FerretDB'
  /** Of the product; of FerretDB without the `v`. */
  readonly version: string
  /** Absent where the server is one alone. */
  readonly replicaSet?: string
  /** How many servers the replica set has. */
  readonly members: number
  /** The server's clock, Unix milliseconds. */
  readonly localTimeMilliseconds: number
}

interface Hello {
  readonly setName?: string
  readonly hosts?: readonly string[]
  readonly localTime: Date
}

/** @throws as `MongoLink.run` */
export async function describeServer(link: MongoLink): Promise<MongoServer> {
  return link.run('ask what server it is', async () => {
    const info = (await link.database.admin().command({ buildInfo: 1 })) as unknown as BuildInfo
    const hello = (await link.database.command({ hello: 1 })) as unknown as Hello
    return {
      ...productOf(info),
      ...(hello.setName !== undefined && { replicaSet: hello.setName }),
      members: hello.hosts?.length ?? 1,
      localTimeMilliseconds: hello.localTime.getTime(),
    }
  })
}

function productOf({ ferretdb, version }: BuildInfo): Pick<MongoServer, 'product' | 'version'> {
  if (ferretdb === undefined) return { product: 'MongoDB', version }
  return { product: 'FerretDB', version: ferretdb.version.replace(/^v/, '') }
}
