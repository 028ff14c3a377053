import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults, systemClock, waitedSeconds } from '@annals/service'
import { announcementProbes, dispatches } from '@annals/storage'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'
import { DueDispatches } from './due-dispatches.ts'
import { DueProbes } from './due-probes.ts'

/**
 * Announces to a community's members, signed by the community, what a control node has begun to seed. A start of seeding
 * that came to be looked at while archiving was switched off for a moment is announced when it is on again.
 * Looks whether members who come later find it.
 */
export const magnetDispatcher: ServiceDefinition = {
  name: 'magnet-dispatcher',
  uses: ['keys'],
  start: async (context) => {
    await using stack = new AsyncDisposableStack()
    stack.use(new DueDispatches(context))
    const probes = context.config.probeSeconds > 0
    if (probes) stack.use(new DueProbes(context))
    stack.use(
      context.metrics.observe(async (report) => {
        const now = systemClock.nowSeconds()
        const dueAt = await context.state.collection(dispatches).nextDueAt()
        report('oldestDue', waitedSeconds(dueAt, now), { 'annals.due.kind': 'announcements' })
        if (!probes) return
        const probeAt = await context.state.collection(announcementProbes).nextDueAt()
        report('oldestDue', waitedSeconds(probeAt, now), { 'annals.due.kind': 'probes' })
      }),
    )
    stack.use(
      await context.bus.consume(
        {
          ...consumerDefaults,
          name: 'magnet-dispatcher',
          events: ['SeedingStarted', 'ControlTaken', 'ArchivingEnabled'],
        },
        async ({ communityId }) => {
          await dispatchMagnetLink(context, communityId)
        },
      ),
    )
    return stack.move()
  },
}
