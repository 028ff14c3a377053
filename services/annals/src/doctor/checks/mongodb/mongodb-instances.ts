import { instances } from '@annals/storage'
import { listWritten } from '@annals/storage/mongo'
import { durationText } from '../../../output/format.ts'
import { defineCheck, warning } from '../../check.ts'

/** Processes that say that they are at work: seeders, fetchers, and collectors on Waku. */
export const mongodbInstances = defineCheck({
  name: 'mongodb-instances',
  looksAt: 'which seeders, fetchers and, on Waku, collectors give signs of life',
  seconds: 20,
  kinds: {
    silent: warning(
      'a process has given no sign of life for longer than ANNALS_TAKE_OVER_SECONDS',
      'see whether it hangs or was killed; its communities are taken over by others, and its row goes by itself',
    ),
    'few-seeders': warning(
      'fewer seeders are at work than ANNALS_SEED_REPLICAS says',
      'start more seeders (annals run seeder), or lower ANNALS_SEED_REPLICAS: without one nobody can fetch',
    ),
    'no-fetcher': warning(
      'no fetcher is at work',
      'start one (annals run fetcher), if communities of other hosts are to be followed',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const { takeOverSeconds, seedReplicas } = context.config
    const rows = await listWritten(await context.mongo(), instances)
    const live: string[] = []
    for (const { id, value, writtenAtMilliseconds } of rows) {
      const silentSeconds = Math.floor((context.now() - writtenAtMilliseconds) / 1000)
      // The time of a write is in whole seconds.
      if (silentSeconds <= takeOverSeconds + 1) live.push(id)
      else {
        const found = `silent for ${durationText(silentSeconds)}, on ${value.machine}`
        report('silent', { about: id, found, expected: `${takeOverSeconds} s at most` })
      }
    }
    const seeders = live.filter((id) => id.startsWith('seeder/')).length
    if (seeders < seedReplicas)
      report('few-seeders', { found: `${seeders} seeders`, expected: `${seedReplicas} or more` })
    if (!live.some((id) => id.startsWith('fetcher/')))
      report('no-fetcher', { found: 'no fetcher', expected: '1 or more' })
    return live.join(', ')
  },
})
