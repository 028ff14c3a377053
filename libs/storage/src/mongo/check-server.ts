import type { Db } from 'mongodb'
import { ServerTooOldError } from '../server-errors.ts'

export interface BuildInfo {
  readonly version: string
  readonly versionArray: readonly number[]
  /** FerretDB from 2 on. */
  readonly ferretdb?: { readonly version: string }
  /** FerretDB 1. */
  readonly ferretdbVersion?: string
}

/** @throws ServerTooOldError */
export async function checkServer(database: Db, server: string): Promise<void> {
  // Any user may ask for this one, but it is answered after authentication only.
  const info = (await database.admin().command({ buildInfo: 1 })) as unknown as BuildInfo
  const problem = findProblem(info)
  if (problem !== undefined) throw new ServerTooOldError(server, problem.found, problem.required)
}

/** FerretDB 1 loses one of two racing updates; MongoDB before 7 is no longer kept up. */
export function findProblem(info: BuildInfo): { readonly found: string; readonly required: string } | undefined {
  const ferretdb = info.ferretdb?.version ?? info.ferretdbVersion
  if (ferretdb !== undefined) {
    const major = Number(/^v?(\d+)/.exec(ferretdb)?.[1])
    return major >= 2 ? undefined : { found: `FerretDB ${ferretdb}`, required: 'FerretDB 2 or newer' }
  }
  return (info.versionArray[0] ?? 0) >= 7
    ? undefined
    : { found: `MongoDB ${info.version}`, required: 'MongoDB 7 or newer' }
}
