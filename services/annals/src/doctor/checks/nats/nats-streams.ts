import type { StreamDrift } from '@annals/nats'
import { compareStream, ensureStream } from '@annals/nats'
import { bytesText } from '../../../output/format.ts'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'
import type { FoundStream } from '../../doctor-context.ts'

/** Settings with which events are lost, or are not taken. */
const losing: readonly string[] = [
  'subjects',
  'retention',
  'storage',
  'discard',
  'max_age',
  'max_msgs_per_subject',
  'max_msg_size',
]

const nearlyShare = 0.9

/** The streams of bus and channel. */
export const natsStreams = defineCheck({
  name: 'nats-streams',
  looksAt: 'whether every stream is there, set up as the adapters declare it, and has room',
  seconds: 20,
  kinds: {
    missing: problem(
      'a stream is not there',
      'make it with "annals doctor --fix", as a NATS user who may ("setup"); services that may make it at their start as well',
    ),
    loses: problem(
      'a setting differs with which events are lost or refused',
      'stop the services and set it back (nats stream edit); retention and storage cannot be changed: back the stream up (nats stream backup), remove it and restore it under the right settings',
    ),
    differs: warning(
      'a setting differs with which nothing is lost by itself',
      'set it back (nats stream edit), unless it is meant so',
    ),
    'nearly-full': warning(
      'more than 90 % of the stream’s own limit is used',
      'raise max_bytes or max_msgs of the stream (nats stream edit): it refuses what is new when it is full',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const link = await context.jetStream()
    const streams = await context.streams()
    for (const { declaration, info, unavailable } of streams) {
      const { name } = declaration
      // See nats-replicas.
      if (unavailable !== undefined) continue
      if (info === undefined) {
        const fix = async (): Promise<void> => {
          await ensureStream(link, declaration, { warn: () => undefined })
        }
        report('missing', { about: name, found: 'no such stream', expected: 'a stream', fix })
        continue
      }
      for (const drift of compareStream(declaration, info)) {
        // See nats-replicas.
        if (drift.setting === 'num_replicas') continue
        report(losing.includes(drift.setting) ? 'loses' : 'differs', { about: name, ...driftTexts(drift) })
      }
      const limit = fullestLimit({ declaration, info })
      if (limit !== undefined) report('nearly-full', { about: name, ...limit })
    }
    if (streams.every(({ unavailable }) => unavailable !== undefined))
      throw new NotCheckedError('no stream can be asked for (see nats-replicas)')
    return streams
      .filter(({ info }) => info !== undefined)
      .map(
        ({ declaration: { name }, info }) =>
          `${name}: ${info?.state.messages} messages, ${bytesText(info?.state.bytes ?? 0)}`,
      )
      .join('; ')
  },
})

/** What differs, in the words of the server's settings. */
export function driftTexts({ setting, expected, found }: Omit<StreamDrift, 'stream'>): {
  readonly found: string
  readonly expected: string
} {
  return { found: `${setting} ${JSON.stringify(found) ?? 'not set'}`, expected: JSON.stringify(expected) ?? 'not set' }
}

/** The limit of a stream that is nearly used up. */
function fullestLimit({ info }: FoundStream): { readonly found: string; readonly expected: string } | undefined {
  if (info === undefined) return undefined
  const { config, state } = info
  for (const [setting, used] of [
    ['max_bytes', state.bytes],
    ['max_msgs', state.messages],
  ] as const) {
    const limit = Number(config[setting] ?? -1)
    if (limit > 0 && used > limit * nearlyShare)
      return { found: `${used} of ${setting} ${limit}`, expected: 'room for more' }
  }
  return undefined
}
