import { instances } from '@annals/storage'
import { listWritten } from '@annals/storage/mongo'
import { durationText } from '../../../output/format.ts'
import { defineCheck, warning } from '../../check.ts'
import { lastActiveAt } from '../../consumer-activity.ts'
import { instanceOfConsumer } from '../../wanted-consumers.ts'

/** Long enough for a node that is being replaced. */
const quietSeconds = 3600

/** Consumers of processes that are gone. */
export const natsStaleConsumers = defineCheck({
  name: 'nats-stale-consumers',
  looksAt: 'consumers of single seeders and fetchers, against the processes that are at work',
  seconds: 20,
  kinds: {
    stale: warning(
      'nobody has asked a consumer for an hour, there is no process that it belongs to, and the server will not forget it',
      'remove it if that instance does not come back (nats consumer rm): it counts what nobody will take. An older version made it; one that is made anew is forgotten after a day',
    ),
  },
  isWanted: (context) => context.reaches('nats') && context.reaches('mongodb'),
  async look(context, report) {
    const consumers = await context.consumers()
    const rows = new Set((await listWritten(await context.mongo(), instances)).map(({ id }) => id))
    const own = consumers.filter(({ name }) => instanceOfConsumer(name) !== undefined)
    for (const consumer of own) {
      const { service, instance } = instanceOfConsumer(consumer.name) ?? {}
      const quiet = Math.floor((context.now() - lastActiveAt(consumer)) / 1000)
      const isForgotten = Number(consumer.config['inactive_threshold'] ?? 0) > 0
      if (isForgotten || rows.has(`${service}/${instance}`) || consumer.num_waiting > 0 || quiet < quietSeconds)
        continue
      report('stale', {
        about: consumer.name,
        found: `no process, quiet for ${durationText(quiet)}, ${consumer.num_pending} events wait`,
        expected: 'a process that takes its events',
      })
    }
    return `${own.length} consumers of single processes`
  },
})
