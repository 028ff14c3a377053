import { defineCheck, warning } from '../../check.ts'
import { medianOf } from '../../median-of.ts'

const slowMilliseconds = 100
const rounds = 5

/** How far away the server is. */
export const natsRoundTrip = defineCheck({
  name: 'nats-round-trip',
  looksAt: `the median of ${rounds} round trips to the NATS server`,
  seconds: 15,
  kinds: {
    slow: warning(
      'a round trip takes more than 100 ms',
      'bring the services nearer to the server, or see what slows it down: each event costs several round trips',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const { connection } = await context.nats()
    const milliseconds = await medianOf(rounds, () => connection.rtt())
    const found = `${milliseconds.toFixed(1)} ms`
    if (milliseconds > slowMilliseconds) report('slow', { found, expected: `${slowMilliseconds} ms or less` })
    return found
  },
})
