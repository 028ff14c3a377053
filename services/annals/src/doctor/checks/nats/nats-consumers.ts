import { compareConsumer } from '@annals/events/nats'
import { ownConsumerDefaults } from '@annals/service'
import { defineCheck, problem, warning } from '../../check.ts'
import { instanceOfConsumer, wantedConsumers } from '../../wanted-consumers.ts'
import { driftTexts } from './nats-streams.ts'

/** The services' durable consumers. */
export const natsConsumers = defineCheck({
  name: 'nats-consumers',
  looksAt: 'whether every service has its durable consumer, with the settings that the adapter would give it',
  seconds: 20,
  kinds: {
    'not-yet': warning(
      'a service has no consumer',
      'start the service: its consumer is made then, from the start of the log, so that nothing is missed',
    ),
    outdated: warning(
      'a setting differs that a service brings up to date when it starts',
      'restart the service; if it stays so, see whether its processes are of one version and have the same ANNALS_TAKE_OVER_SECONDS',
    ),
    unusable: problem(
      'a setting differs that cannot be changed',
      'stop the service, remove the consumer (nats consumer rm) and start the service: it goes through the log once more, which changes nothing that was done',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const link = await context.jetStream()
    const { namespace, takeOverSeconds, wakuStores } = context.config
    const found = await context.consumers()
    const lacking: string[] = []
    for (const wanted of wantedConsumers(context)) {
      const own = found.filter(({ name }) =>
        wanted.perInstance ? instanceOfConsumer(name)?.service === wanted.service : name === wanted.name,
      )
      if (own.length === 0 && (wanted.onWakuOnly !== true || wakuStores.length > 0)) lacking.push(wanted.name)
      for (const state of own) {
        const { forgetAfterSeconds } = ownConsumerDefaults
        const spec = { name: state.name, events: wanted.events, ...(wanted.perInstance && { forgetAfterSeconds }) }
        for (const drift of compareConsumer(link, namespace, spec, takeOverSeconds, state))
          report(drift.isTuned ? 'outdated' : 'unusable', { about: state.name, ...driftTexts(drift) })
      }
    }
    if (lacking.length > 0) report('not-yet', { about: lacking.join(', '), found: 'no consumer' })
    return found.map(({ name }) => name).join(', ')
  },
})
