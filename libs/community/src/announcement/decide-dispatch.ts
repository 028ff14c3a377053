/** What an announcement announces. */
export interface AnnouncedTorrent {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly magnetLink: string
}

/** An announcement that was made. */
export interface LastDispatch extends AnnouncedTorrent {
  readonly clockMilliseconds: number
}

/**
 * Whether a control node announces what it seeds, and with which clock. The clock is the time, and yet always newer than
 * the last one, because members ignore an announcement whose clock does not grow. `again` is for a repetition: who was
 * away for longer than the network keeps messages hears of the torrent all the same.
 *
 * It knows only the last announcement: the caller makes sure that the torrent is the one the community has now, for an
 * event that was delayed may name an older one.
 */
export function decideDispatch(
  last: LastDispatch | undefined,
  torrent: AnnouncedTorrent,
  nowMilliseconds: number,
  { again = false }: { readonly again?: boolean } = {},
): { readonly clockMilliseconds: number } | 'already-dispatched' {
  if (last === undefined) return { clockMilliseconds: nowMilliseconds }
  const isSame = last.infoHash === torrent.infoHash && last.magnetLink === torrent.magnetLink
  if (isSame && !again) return 'already-dispatched'
  return { clockMilliseconds: Math.max(last.clockMilliseconds + 1, nowMilliseconds) }
}
