import { WayClosedError } from './errors.ts'
import { askProgram } from './processes/run-command.ts'

/**
 * The version of a program on the PATH.
 * @throws WayClosedError where there is none, or one that is too old
 */
export async function programOnPath(program: string, args: readonly string[], oldest: string): Promise<string> {
  const said = await askProgram(program, ...args)
  if (said === undefined)
    throw new WayClosedError(`${program} is not on the PATH`, `Install ${program} ${oldest} or newer`)
  const version = versionIn(said)
  if (version === undefined)
    throw new WayClosedError(`${program} says no version, but "${said.slice(0, 80)}"`, 'Put a released one on the PATH')
  if (isOlder(version, oldest))
    throw new WayClosedError(`${program} ${version} is too old`, `Install ${oldest} or newer`)
  return version
}

/** The first version in what a program says, such as `2.15.2` in `nats-server: v2.15.2`. */
export function versionIn(said: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(said)?.[0]
}

/** Compares versions of three numbers. */
export function isOlder(version: string, than: string): boolean {
  const parts = version.split('.').map(Number)
  const wanted = than.split('.').map(Number)
  const differs = wanted.findIndex((number, index) => number !== parts[index])
  return differs !== -1 && (parts[differs] ?? 0) < (wanted[differs] ?? 0)
}
