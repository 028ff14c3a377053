import { Subjects } from '@annals/events/nats'
import { streamInfo } from '@annals/nats'
import { durationText } from '../../../output/format.ts'
import { defineCheck, NotCheckedError, warning } from '../../check.ts'

/** What services gave up. */
export const natsDeadLetters = defineCheck({
  name: 'nats-dead-letters',
  looksAt: 'how many events services gave up, and since when',
  seconds: 15,
  kinds: {
    some: warning(
      'there are dead letters',
      'see what they are (annals dead-letters list), put right why they failed, and replay or drop them',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const { deadLetterStream } = new Subjects(context.config.namespace)
    const info = await streamInfo(await context.jetStream(), deadLetterStream)
    if (info === undefined) throw new NotCheckedError('there is no stream for them (see nats-streams)')
    const { messages, first_ts: oldest } = info.state
    if (messages > 0) {
      const ageSeconds = Math.max(0, Math.floor((context.now() - Date.parse(oldest)) / 1000))
      report('some', { found: `${messages}, the oldest ${durationText(ageSeconds)} old`, expected: 'none' })
    }
    return 'none'
  },
})
