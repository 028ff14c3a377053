import { defineCheck, warning } from '../../check.ts'
import { medianOf } from '../../median-of.ts'

const slowMilliseconds = 100
const rounds = 5

/** How far away the server is. */
export const mongodbRoundTrip = defineCheck({
  name: 'mongodb-round-trip',
  looksAt: `the median of ${rounds} round trips to MongoDB`,
  seconds: 15,
  kinds: {
    slow: warning(
      'a round trip takes more than 100 ms',
      'bring the services nearer to the server, or see what slows it down: each event costs several round trips',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const link = await context.mongo()
    const milliseconds = await medianOf(rounds, async () => {
      const start = performance.now()
      await link.run('ping', () => link.database.command({ ping: 1 }))
      return performance.now() - start
    })
    const found = `${milliseconds.toFixed(1)} ms`
    if (milliseconds > slowMilliseconds) report('slow', { found, expected: `${slowMilliseconds} ms or less` })
    return found
  },
})
