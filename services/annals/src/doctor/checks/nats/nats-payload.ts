import { neededPayloadBytes } from '@annals/events/nats'
import { defineCheck, problem, warning } from '../../check.ts'

/** Announcements have up to 150 KiB, events as a rule less than that. */
const leastBytes = 256 * 1024

/** The largest message. */
export const natsPayload = defineCheck({
  name: 'nats-payload',
  looksAt: 'the largest message that the NATS server takes (max_payload)',
  seconds: 15,
  kinds: {
    tight: warning(
      'it is less than 1 MiB and 32 KiB',
      'set max_payload: 2MB in the server’s configuration: the largest events that there may be are refused otherwise',
    ),
    small: problem(
      'it is less than 256 KiB',
      'set max_payload: 2MB in the server’s configuration: announcements and events are refused otherwise',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const { maxPayloadBytes } = await context.nats()
    const finding = { found: `${maxPayloadBytes} bytes`, expected: `${neededPayloadBytes} or more` }
    if (maxPayloadBytes < leastBytes) report('small', finding)
    else if (maxPayloadBytes < neededPayloadBytes) report('tight', finding)
    return finding.found
  },
})
