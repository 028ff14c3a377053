import { intervalsBehind } from '@annals/community'
import type { ServiceContext } from '@annals/service'
import { waitedSeconds } from '@annals/service'
import { schedules } from '@annals/storage'
import type { Report } from '@annals/telemetry'
import { reportWorst } from '@annals/telemetry'

/**
 * Tells how far behind the communities of the installation are, and for how long the oldest schedule has been due. Goes
 * through all schedules whenever metrics go out.
 */
export function observeSchedules(context: ServiceContext): Disposable {
  return context.metrics.observe((report) => tell(context, report))
}

async function tell({ state, clock, config }: ServiceContext, report: Report): Promise<void> {
  const rows = state.collection(schedules)
  const now = clock.nowSeconds()
  report('oldestDue', waitedSeconds(await rows.nextDueAt(), now), { 'annals.due.kind': 'schedules' })
  const behind = new Map<string, number>()
  for await (const { id, value } of rows.list()) {
    const intervals = intervalsBehind(value.schedule, now, config.intervalSeconds)
    if (intervals !== undefined) behind.set(id, intervals)
  }
  report('archivingCommunities', behind.size)
  // Not by spreading: there may be more of them than a call has arguments.
  report(
    'mostWeeksBehind',
    [...behind.values()].reduce((most, each) => Math.max(most, each), 0),
  )
  reportWorst(report, 'weeksBehind', behind, { worst: 'most', limit: config.metricCommunities })
}
