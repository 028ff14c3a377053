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
      name: 'the cache, filled by go install and mmdebstrap',
      async find() {
        const [ferretdb, postgres] = await bothOrNeither(installFerretDb(options), installPostgres(options))
        return {
          origin: `FerretDB ${versions.ferretdb} on DocumentDB ${postgres.documentdb} from the cache`,
          launch: (launch) => runFerretDb(ferretdb, postgres, launch),
        }
      },
    },
  ]
}

/** Waits for both also where one fails: nothing goes on behind the back of whoever is told of the failure. */
async function bothOrNeither<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return [await one, await other]
}
