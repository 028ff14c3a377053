import { putUnlessChanged, schedules } from '@annals/storage'
import { advanceBatch, leaseSeconds, sideBySide } from './advance-batch.ts'
import type { OnFailure, Row } from './attempts.ts'
import { Attempts } from './attempts.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** What is claimed at once; about 2 KB each. More is not faster, and has to come to an end within the lease. */
const batchRows = 1_000

/** While one waits for the log, others wait for the database. */
const batchesAtOnce = 5

/**
 * Looks at every schedule that is due now. One that fails is logged and does not hold up the others; at the end it is
 * given back, so that the next pass tries it again (its lease runs by a clock that may stand still).
 * @throws what the store throws where schedules cannot be claimed, or not be given back
 */
export async function advanceDueSchedules(
  context: SchedulerContext,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const failed = new Map<string, Row>()
  const onFailure: OnFailure = (row, error) => {
    context.log.error({ err: error, communityId: row.id }, 'a due schedule failed and is tried again')
    failed.set(row.id, row)
  }
  const running = new Set<Promise<void>>()
  try {
    for (let claimed = batchRows; claimed === batchRows && !signal.aborted;) {
      const claim = { owner, now: context.clock.nowSeconds(), leaseSeconds }
      const rows = await context.state.collection(schedules).claimDueMany(claim, batchRows)
      claimed = rows.length
      // One that failed in this pass is kept out of the rest of it by this claim.
      for (const row of rows) if (failed.has(row.id)) failed.set(row.id, row)
      const due = rows.filter(({ id }) => !failed.has(id))
      const batch = advance(context, due, onFailure).finally(() => running.delete(batch))
      running.add(batch)
      if (running.size === batchesAtOnce) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
    await giveBack(context, failed)
  }
}

/** A tick at which something is due. Each community's archive has a trace of its own, linked to the tick. */
async function advance(context: SchedulerContext, rows: readonly Row[], onFailure: OnFailure): Promise<void> {
  if (rows.length === 0) return
  const attributes = { 'annals.schedule.count': rows.length }
  await context.tracing.span({ name: 'advance due schedules', beginsTraces: true, attributes }, () =>
    advanceBatch(context, rows, onFailure),
  )
}

/** Ends the claims on what failed. @throws what the store throws, once all were tried */
async function giveBack(context: SchedulerContext, failed: ReadonlyMap<string, Row>): Promise<void> {
  const failures: unknown[] = []
  const attempts = new Attempts((_, error) => failures.push(error))
  await attempts.each([...failed.values()], sideBySide, (row) => giveBackOne(context, row))
  if (failures.length > 0) throw failures[0]
}

async function giveBackOne({ state }: SchedulerContext, { id, version }: Row): Promise<void> {
  const rows = state.collection(schedules)
  const row = await rows.get(id)
  if (row === undefined) return
  const { decided } = row.value
  // Somebody took it on; but where something is decided, it may be by a write of ours whose answer was lost.
  if (row.version !== version && decided.length === 0) return
  await putUnlessChanged(rows, row, decided.length === 0 ? row.value : { ...row.value, dueAt: 0 })
}
