import type { Schedule } from './schedule.ts'
import { archivingStart, isArchiving } from './schedule.ts'

/**
 * How many whole intervals of a community are over and not sealed: 0 where archiving is up to date, and where nothing is
 * archived; `undefined` where this installation does not archive the community. One that is due now counts until it is sealed.
 */
export function intervalsBehind(schedule: Schedule, nowSeconds: number, intervalSeconds: number): number | undefined {
  if (!isArchiving(schedule)) return undefined
  const start = archivingStart(schedule)
  return start === undefined ? 0 : Math.max(0, Math.floor((nowSeconds - start) / intervalSeconds))
}
