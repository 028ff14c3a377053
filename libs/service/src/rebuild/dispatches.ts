import type { StoredEvent } from '@annals/events'
import type { Dispatch } from '@annals/storage'
import type { Comparison } from './comparison.ts'
import { comparisonOf, differingFields, wholeRow } from './comparison.ts'

/** What the log says of a community's last announcement; not the signed message. */
export type DispatchProjection = Omit<Dispatch, 'message'>

export function evolveDispatch(
  dispatch: DispatchProjection | undefined,
  event: StoredEvent,
): DispatchProjection | undefined {
  if (event.name !== 'MagnetLinkDispatched') return dispatch
  const { infoHash, magnetLink, clockMilliseconds } = event.payload
  if (dispatch !== undefined && dispatch.clockMilliseconds > clockMilliseconds) return dispatch
  return { infoHash, magnetLink, clockMilliseconds }
}

/** The row is written before anything goes out, and so before its event. */
export function compareDispatch(log: DispatchProjection | undefined, row: Dispatch | undefined): Comparison {
  if (row === undefined) return log === undefined ? { kind: 'same' } : wholeRow(log, undefined)
  if (row.clockMilliseconds > (log?.clockMilliseconds ?? 0)) return { kind: 'ahead' }
  const names = ['clockMilliseconds', 'infoHash', 'magnetLink'] as const
  return comparisonOf(differingFields<DispatchProjection>(names, log ?? {}, row))
}
