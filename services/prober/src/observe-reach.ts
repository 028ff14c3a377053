import { isUnreachable } from '@annals/community'
import type { ServiceContext } from '@annals/service'
import { systemClock, waitedSeconds } from '@annals/service'
import { fetchProbes } from '@annals/storage'

/** Tells how many communities are out of reach, and for how long the oldest look has been due. Goes through all rows whenever metrics go out. */
export function observeReach({ metrics, state }: ServiceContext): Disposable {
  return metrics.observe(async (report) => {
    const rows = state.collection(fetchProbes)
    const dueAt = await rows.nextDueAt()
    report('oldestDue', waitedSeconds(dueAt, systemClock.nowSeconds()), { 'annals.due.kind': 'fetch-probes' })
    let unreachable = 0
    for await (const { value } of rows.list()) if (value.dueAt !== undefined && isUnreachable(value)) unreachable += 1
    report('unreachableCommunities', unreachable)
  })
}
