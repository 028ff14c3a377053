import type { NatsPermissions, Party } from '@annals/deploy'
import { installation, natsPermissions } from '@annals/deploy'
import { listRefusals } from '@annals/nats'
import { defineCheck, problem } from '../../check.ts'
import type { DoctorContext } from '../../doctor-context.ts'
import { services } from '../../wanted-consumers.ts'

/** So many refused subjects are named. */
const named = 5

/** What the user may do. */
export const natsPermissionsCheck = defineCheck({
  name: 'nats-permissions',
  looksAt:
    'whether the NATS user may do all that the service needs (--service), or else whose needs it meets; by messages that come to nothing',
  seconds: 20,
  kinds: {
    refused: problem(
      'the user may not do something that the service needs',
      'give the user the permissions of the service in deploy/nats/annals.conf, or connect as the user that has them (docs/nats-accounts.md)',
    ),
    nobody: problem(
      'the user may not do all that any one service needs',
      'connect as the user of a service (docs/nats-accounts.md); --service says what one of them lacks',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const link = await context.jetStream()
    const { service } = context
    if (service !== undefined) {
      const { publish, subscribe } = await listRefusals(link, wantedSubjects(service, context))
      const refused = [
        ...publish.map((subject) => `publish ${subject}`),
        ...subscribe.map((subject) => `subscribe ${subject}`),
      ]
      const more = refused.length > named ? `, and ${refused.length - named} more` : ''
      if (refused.length > 0)
        report('refused', { about: service, found: `may not ${refused.slice(0, named).join(', ')}${more}` })
      return `may do all that the ${service} needs`
    }
    const met: Party[] = []
    for (const party of [...services, 'setup'] as const) {
      const { publish, subscribe } = await listRefusals(link, wantedSubjects(party, context))
      if (publish.length + subscribe.length === 0) met.push(party)
    }
    if (met.length === 0) report('nobody', { found: 'something that each service needs is refused' })
    return `may do all that these need: ${met.join(', ')}`
  },
})

/** The inbox is left out: that answers come at all shows that it may be used. */
function wantedSubjects(
  party: Party,
  { config, channelNamespace }: DoctorContext,
): {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
} {
  const { namespace, instance } = config
  const { publish, subscribe }: NatsPermissions = natsPermissions(
    party,
    installation(namespace, {
      ...(channelNamespace !== undefined && { channel: channelNamespace }),
      // One of many alike, where the settings do not say which.
      names: [instance === '' ? `${party}-0` : instance],
    }),
  )
  return { publish: publish.allow, subscribe: subscribe.allow.filter((subject) => !subject.startsWith('_INBOX')) }
}
