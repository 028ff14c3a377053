/**
 * A decision was published, and reading the log does not show it: the log's reader lags behind its writer, or took the
 * decision for an older one. Nothing is lost; the schedule stays due and is looked at again.
 */
export class DecisionNotInLogError extends Error {
  override readonly name = 'DecisionNotInLogError'
  readonly communityId: string
  readonly eventIds: readonly string[]

  constructor(communityId: string, eventIds: readonly string[]) {
    super(`published, but not found in the log: ${eventIds.join(', ')}; it is tried again`)
    this.communityId = communityId
    this.eventIds = eventIds
  }
}
