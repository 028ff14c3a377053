import { findImage } from '../docker/find-image.ts'
import { runMongoContainer } from '../docker/run-mongo-container.ts'
import { bothOrNeither } from '../both-or-neither.ts'
import type { Way } from '../find-program.ts'
import { installFerretDb } from '../install/install-go-programs.ts'
import type { InstallOptions } from '../install/install-options.ts'
import { installPostgres } from '../install/install-postgres.ts'
import { programOnPath } from '../program-on-path.ts'
import { oldestUsable, versions } from '../versions.ts'
import { runFerretDb } from './run-ferretdb.ts'
import { runMongod } from './run-mongod.ts'

/** The ways to a server of MongoDB's wire protocol, in the order in which they are tried. */
export function waysToMongo(options: InstallOptions): readonly Way[] {
  return [
    {
      name: 'a program on the PATH',
      async find() {
        const version = await programOnPath('mongod', ['--version'], oldestUsable.mongod)
        return { origin: `mongod ${version} from the PATH`, launch: runMongod }
      },
    },
    {
      name: `Docker with the image ${versions.mongoImage}`,
      async find() {
        const docker = await findImage(versions.mongoImage, options)
        return {
          origin: `mongod from the Docker image ${versions.mongoImage}`,
          launch: (launch) => runMongoContainer(docker, launch),
        }
      },
    },
    {
      name: 'the cache, filled by go install and mmdebstrap',
      async find() {
        const [ferretdb, postgres] = await bothOrNeither(
          options.signal,
          (signal) => installFerretDb({ ...options, signal }),
          (signal) => installPostgres({ ...options, signal }),
        )
        return {
          origin: `FerretDB ${versions.ferretdb} on DocumentDB ${postgres.documentdb} from the cache`,
          launch: (launch) => runFerretDb(ferretdb, postgres, launch),
        }
      },
    },
  ]
}
