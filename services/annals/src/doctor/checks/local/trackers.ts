import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { defineCheck, problem, warning } from '../../check.ts'

/** How members find a seeder. */
export const trackers = defineCheck({
  name: 'trackers',
  looksAt: 'whether the trackers’ names resolve; nothing is sent to a tracker',
  seconds: 15,
  kinds: {
    unresolved: warning(
      'the name of a tracker does not resolve',
      'correct ANNALS_TRACKERS, or see to it that this machine can look up names',
    ),
    nobody: problem(
      'no tracker is left, and DHT is off',
      'name trackers in ANNALS_TRACKERS, or set ANNALS_TORRENT_DHT=on: members find no seeder otherwise',
    ),
  },
  isWanted: (context) => context.accepts('bittorrent'),
  async look({ config }, report) {
    const found = await Promise.all(
      config.trackers.map(async (tracker) => ({ tracker, error: await resolutionError(new URL(tracker).hostname) })),
    )
    for (const { tracker, error } of found)
      if (error !== undefined) report('unresolved', { about: tracker, found: error, expected: 'an address' })
    const usable = found.filter(({ error }) => error === undefined).map(({ tracker }) => tracker)
    if (usable.length === 0 && config.torrentDht === 'off')
      report('nobody', { found: 'no tracker, no DHT', expected: 'one of them' })
    return usable.length > 0 ? usable.join(', ') : 'no trackers; members find seeders by DHT'
  },
})

async function resolutionError(hostname: string): Promise<string | undefined> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) return undefined
  try {
    await lookup(host)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
