/** Where bytes come from. */
export type SourceKind = 'webrtc' | 'web-seed'

/** What a page may want to show while it happens. */
export type SwarmEvent =
  | { readonly kind: 'bytes'; readonly source: SourceKind; readonly bytes: number }
  | { readonly kind: 'sent'; readonly bytes: number }
  | { readonly kind: 'peers'; readonly count: number }
  /** An altered piece: thrown away and fetched elsewhere. `from` is a peer or a web seed; empty where several sent it. */
  | { readonly kind: 'piece-refused'; readonly source: SourceKind; readonly from: string; readonly piece: number }
  | { readonly kind: 'web-seed-problem'; readonly url: string; readonly problem: string }
  | { readonly kind: 'swarm-failed'; readonly error: Error }
