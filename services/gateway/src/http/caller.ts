/** Who a request comes from, by the token that it brought. */
export type Caller =
  /** May do everything. */
  | { readonly role: 'operator' }
  /** May do what concerns their own communities. */
  | { readonly role: 'owner'; readonly communityIds: ReadonlySet<string> }
  /** Brought no token. */
  | { readonly role: 'public' }

/** Whether a caller may be told of a community; who calls over gRPC may hear of all. */
export function mayHearOf(caller: Caller | undefined, communityId: string): boolean {
  return caller === undefined || isOwnCommunity(caller, communityId)
}

export function isOwnCommunity(caller: Caller, communityId: string): boolean {
  return caller.role === 'operator' || (caller.role === 'owner' && caller.communityIds.has(communityId))
}
