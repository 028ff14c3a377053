import type { ConsumerState } from '@annals/events/nats'
import { durationText } from '../../../output/format.ts'
import { defineCheck, warning, problem } from '../../check.ts'
import type { Report } from '../../check.ts'
import { lastActiveAt } from '../../consumer-activity.ts'
import { instanceOfConsumer } from '../../wanted-consumers.ts'

const manyPending = 10_000
const manyRedelivered = 100
const quietSeconds = 300
const nearlyShare = 0.9

type Kind = 'unattended' | 'behind' | 'failing' | 'stalled'

/** What waits. */
export const natsBacklog = defineCheck<Kind>({
  name: 'nats-backlog',
  looksAt: 'events that wait with the durable consumers, or come again and again',
  seconds: 20,
  kinds: {
    unattended: warning(
      'events wait, and nobody has asked for them for five minutes',
      'start the service that the consumer is of, or see in its log why it stands still',
    ),
    behind: warning(
      'more than 10,000 events wait',
      'start more processes of the service, or see in its log what takes long',
    ),
    failing: warning(
      'more than 100 events were handed out more than once and are not done',
      'see in the log of the service what fails, before they become dead letters',
    ),
    stalled: problem(
      'nearly as many events are handed out and not done as may be',
      'see in the log of the service what fails: it gets nothing new until some of them are done',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const consumers = await context.consumers()
    for (const consumer of consumers) lookAtConsumer(consumer, context.now(), report)
    const waiting = consumers.reduce((sum, { num_pending: pending }) => sum + pending, 0)
    return `${waiting} events wait, with ${consumers.length} consumers`
  },
})

function lookAtConsumer(consumer: ConsumerState, now: number, report: Report<Kind>): void {
  const { name: about, config, num_pending: pending, num_redelivered: redelivered, num_waiting: waiting } = consumer
  const quiet = Math.floor((now - lastActiveAt(consumer)) / 1000)
  // Of a process that is gone, see nats-stale-consumers.
  const isShared = instanceOfConsumer(about) === undefined
  if (isShared && waiting === 0 && pending > 0 && quiet >= quietSeconds)
    report('unattended', { about, found: `${pending} events wait, quiet for ${durationText(quiet)}` })
  if (waiting > 0 && pending > manyPending)
    report('behind', { about, found: `${pending} events wait`, expected: `${manyPending} at most` })
  if (redelivered > manyRedelivered)
    report('failing', { about, found: `${redelivered} come again`, expected: `${manyRedelivered} at most` })
  const most = Number(config['max_ack_pending'] ?? -1)
  if (most > 0 && consumer.num_ack_pending > most * nearlyShare)
    report('stalled', { about, found: `${consumer.num_ack_pending} of ${most} not done`, expected: 'room for more' })
}
