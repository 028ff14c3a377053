import { describeServer } from '@annals/storage/mongo'
import { defineCheck } from '../../check.ts'
import { apartText, clockKinds, findClockFault, secondsApart } from '../../compare-clocks.ts'

/** The server's clock and ours. */
export const mongodbClock = defineCheck({
  name: 'mongodb-clock',
  looksAt: 'the clock of the MongoDB server, against this machine’s',
  seconds: 15,
  kinds: clockKinds,
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const link = await context.mongo()
    const askedAt = context.now()
    const { localTimeMilliseconds: theirs } = await describeServer(link)
    const seconds = secondsApart({ theirs, askedAt, answeredAt: context.now() })
    const fault = findClockFault(seconds)
    if (fault !== undefined) report(fault, { found: apartText(seconds), expected: '2 s or less' })
    return apartText(seconds)
  },
})
