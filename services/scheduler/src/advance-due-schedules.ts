import type { ScheduleDocument, Versioned } from '@annals/storage'
import { schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** How long a claimed row is nobody else's, should this process die. One row takes milliseconds. */
export const leaseSeconds = 30

/**
 * Looks at every schedule that is due now. One that fails is logged and does not hold up the others; at the end it is
 * given back, so that the next pass tries it again (its lease runs by a clock that may stand still).
 */
export async function advanceDueSchedules(
  context: SchedulerContext,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const rows = context.state.collection(schedules)
  const failed = new Map<string, Versioned<ScheduleDocument>>()
  while (!signal.aborted) {
    const row = await rows.claimDue({ owner, now: context.clock.nowSeconds(), leaseSeconds })
    if (row === undefined) break
    // It failed after a write that ended its claim. This claim keeps it out of the rest of the pass.
    if (failed.has(row.id)) {
      failed.set(row.id, row)
      continue
    }
    try {
      await advanceSchedule(context, row.id, row)
    } catch (error) {
      context.log.error({ err: error, communityId: row.id }, 'a due schedule failed and is tried again')
      failed.set(row.id, row)
    }
  }
  for (const row of failed.values()) {
    try {
      await rows.put(row.id, row.value, row.version)
    } catch (error) {
      // Somebody took it on meanwhile, or the lease will have to run out.
      context.log.debug({ err: error, communityId: row.id }, 'a failed schedule could not be given back')
    }
  }
}
