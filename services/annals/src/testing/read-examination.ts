import type { Examination, ExamineOptions, Result } from '../index.ts'
import { examine } from '../index.ts'

/** What is found on a machine of which nobody elsewhere fetches: `check/kind` for each warning and problem. */
export function findingsOf({ results }: Examination): string[] {
  return results.flatMap(({ check, kind }) => (kind === undefined ? [] : [`${check}/${kind}`]))
}

/** The results of one check. */
export function resultsOf({ results }: Examination, check: string): Result[] {
  return results.filter((result) => result.check === check)
}

/** Loopback only, and no name to look up. */
export const quiet = {
  ANNALS_TORRENT_HOST: '127.0.0.1',
  ANNALS_TORRENT_DHT: 'off',
  ANNALS_TRACKERS: 'http://127.0.0.1:1/announce',
} as const

/** Examines with settings that are quiet where they say nothing else. */
export function examineQuietly({ env, ...options }: ExamineOptions): Promise<Examination> {
  return examine({ env: { ...quiet, ...env }, ...options })
}
