import { leases } from '@annals/storage'
import { listWritten } from '@annals/storage/mongo'
import { durationText } from '../../../output/format.ts'
import { defineCheck, warning } from '../../check.ts'

const longSeconds = 3600

/** Work that one process at a time does. */
export const mongodbLeases = defineCheck({
  name: 'mongodb-leases',
  looksAt: 'leases: which work processes are at, and for how long',
  seconds: 20,
  kinds: {
    long: warning(
      'a lease has been renewed for more than an hour',
      'see in the holder’s log what it is at; restart the holder if it stands still: another process goes on',
    ),
    abandoned: warning(
      'a lease ran out more than an hour ago, and nobody took the work up',
      'see whether the service that does it runs: the work is waiting',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const rows = await listWritten(await context.mongo(), leases)
    // A holder renews it three times in the time for which it has it; each time is a version.
    const renewalSeconds = context.config.takeOverSeconds / 3
    for (const { id, version, value } of rows) {
      const { holder, untilMilliseconds } = value
      const overSeconds = Math.floor((context.now() - untilMilliseconds) / 1000)
      const heldSeconds = Math.floor((version - 1) * renewalSeconds)
      if (overSeconds > longSeconds)
        report('abandoned', { about: id, found: `of ${holder}, ran out ${durationText(overSeconds)} ago` })
      else if (overSeconds < 0 && heldSeconds > longSeconds)
        report('long', { about: id, found: `held for about ${durationText(heldSeconds)}, now by ${holder}` })
    }
    return `${rows.length} leases`
  },
})
