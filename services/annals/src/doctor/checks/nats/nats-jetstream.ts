import { accountInfo, isPassing, JetStreamUnavailableError } from '@annals/nats'
import { bytesText } from '../../../output/format.ts'
import { defineCheck, problem, warning } from '../../check.ts'

const nearlyShare = 0.9

/** JetStream, and how much of it the account may use. */
export const natsJetStream = defineCheck({
  name: 'nats-jetstream',
  looksAt: 'whether JetStream is enabled for the account, and what of its limits is used',
  seconds: 15,
  kinds: {
    disabled: problem(
      'the server or the account has no JetStream',
      'start nats-server with -js or a jetstream block in its configuration, and enable it for the account',
    ),
    silent: problem(
      'JetStream is enabled and gives no answer',
      'bring back servers of the cluster until more than half of them are there, and see their logs',
    ),
    'nearly-full': warning(
      'more than 90 % of a limit of the account is used',
      'raise the limit of the account, or remove what is not of Annals',
    ),
    full: problem(
      'a limit of the account is reached',
      'raise the limit of the account: events are refused, or consumers cannot be made',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const link = await context.nats()
    try {
      await context.jetStreamLink.get()
    } catch (error) {
      if (error instanceof JetStreamUnavailableError)
        report('disabled', { found: error.message, expected: 'JetStream' })
      else if (isPassing(error)) report('silent', { found: (error as Error).message, expected: 'an answer' })
      else throw error
      return ''
    }
    const { storage, streams, consumers, limits } = await accountInfo(link)
    const uses = [
      { about: 'storage', used: storage, limit: limits.max_storage, text: bytesText },
      { about: 'streams', used: streams, limit: limits.max_streams, text: String },
      { about: 'consumers', used: consumers, limit: limits.max_consumers, text: String },
    ]
    for (const { about, used, limit, text } of uses) {
      const finding = { about, found: `${text(used)} of ${text(limit)} used`, expected: 'room for more' }
      if (limit > 0 && used >= limit) report('full', finding)
      else if (limit > 0 && used > limit * nearlyShare) report('nearly-full', finding)
    }
    return uses
      .map(({ about, used, limit, text }) => `${about} ${text(used)}${limit > 0 ? ` of ${text(limit)}` : ''}`)
      .join(', ')
  },
})
