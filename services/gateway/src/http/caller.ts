/** Who a request comes from, by the token that it brought. */
export type Caller =
  /** May do everything. */
  | { readonly role: 'operator' }
  /** May do what concerns their own communities. */
  | { readonly role: 'owner'; readonly communityIds: ReadonlySet<string> }
  /** Brought no token. */
  | { readonly role: 'public' }

export function isOwnCommunity(caller: Caller, communityId: string): boolean {
  return caller.role === 'operator' || (caller.role === 'owner' && caller.communityIds.has(communityId))
}
