import { parseNanoseconds, streamInfo } from '@annals/nats'
import { defineCheck, NotCheckedError } from '../../check.ts'
import { apartText, clockKinds, findClockFault, secondsApart } from '../../compare-clocks.ts'

/** The server's clock and ours. */
export const natsClock = defineCheck({
  name: 'nats-clock',
  looksAt: 'the clock of the NATS server, against this machine’s',
  seconds: 15,
  kinds: clockKinds,
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const link = await context.jetStream()
    const there = (await context.streams()).find(({ info }) => info !== undefined)
    if (there === undefined)
      throw new NotCheckedError('the server tells its clock with a stream only, and there is none')
    // Asked for once more, as the time of the question counts.
    const askedAt = context.now()
    const info = await streamInfo(link, there.declaration.name)
    const answeredAt = context.now()
    if (info?.ts === undefined) throw new NotCheckedError('a server before 2.10 does not tell its clock')
    const seconds = secondsApart({ theirs: Number(parseNanoseconds(info.ts) / 1_000_000n), askedAt, answeredAt })
    const fault = findClockFault(seconds)
    if (fault !== undefined) report(fault, { found: apartText(seconds), expected: '2 s or less' })
    return apartText(seconds)
  },
})
