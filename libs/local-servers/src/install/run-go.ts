import { WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { closeWayOnFailure } from './close-way.ts'
import type { InstallOptions } from './install-options.ts'

export interface GoRun {
  readonly args: readonly string[]
  /** Said before it begins, such as `building … with go, which takes about a minute`. */
  readonly beginning?: string
  /** 1.26 where absent. */
  readonly oldestGo?: string
  /** Whether there is C in what is built; not where absent. */
  readonly hasC?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly onLine?: (line: string) => void
}

/** Flags for programs that are the same wherever they are built, without what only a debugger reads. */
export const smallBuild = ['-trimpath', '-ldflags', '-s -w'] as const

/** Runs go, and answers what it said. @throws WayClosedError where it is missing or fails; the signal's reason */
export async function runGo(run: GoRun, { signal, onProgress }: InstallOptions): Promise<readonly string[]> {
  const { args, beginning, oldestGo = '1.26', hasC = false, env, onLine } = run
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', `Install Go ${oldestGo} or newer`)
  if (beginning !== undefined) onProgress?.(beginning)
  const advice = `See what go says: is it new enough, is its module proxy reachable${hasC ? ', is there a C compiler' : ''}?`
  return closeWayOnFailure(advice, () =>
    runCommand('go', args, {
      env: { ...process.env, CGO_ENABLED: hasC ? '1' : '0', ...env },
      signal,
      ...(onLine && { onLine }),
    }),
  )
}
