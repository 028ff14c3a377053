/** What is known of whether strangers can fetch a community's newest archive. Times are Unix seconds of one clock. */
export interface Reach {
  /** When somebody got it, or the torrent before it, last. */
  readonly fetchedAt?: number | undefined
  /** Looks that failed in a row. */
  readonly failures: number
  /** When the first of them was, and how the last one failed. */
  readonly failedSince?: number | undefined
  readonly failure?: string | undefined
}

/** What was said last. */
export interface SaidReach {
  readonly infoHash: string
  readonly reachable: boolean
}

export interface ReachLook {
  readonly infoHash: string
  /** Absent where it came. */
  readonly failure: string | undefined
}

/** One look may have met a seeder that was just starting, or a line that was down for a moment. */
const failuresToKnow = 2
/** So soon the first look that failed is made again; each further pause is twice as long, up to the beat. */
const retrySeconds = 180
/** Each pause is longer or shorter by up to a quarter, so that what came together does not stay together. */
const spread = 0.25

/** Whether so much failed that it is known to be out of reach. */
export function isUnreachable({ failures }: Pick<Reach, 'failures'>): boolean {
  return failures >= failuresToKnow
}

/**
 * What is known after a look, whether that is news, and in how many seconds to look again. News is what was not said of
 * this torrent, or not last.
 * @param chance from 0 to 1
 */
export function decideReach(
  before: Reach & { readonly said?: SaidReach | undefined },
  look: ReachLook,
  nowSeconds: number,
  { beatSeconds, chance }: { readonly beatSeconds: number; readonly chance: number },
): { readonly reach: Reach; readonly news: boolean; readonly inSeconds: number } {
  const reach = afterLook(before, look, nowSeconds)
  const reachable = look.failure === undefined
  const isKnown = reachable || isUnreachable(reach)
  const { said } = before
  const news = isKnown && (said?.infoHash !== look.infoHash || said.reachable !== reachable)
  const usual = reachable ? beatSeconds : Math.min(beatSeconds, retrySeconds * 2 ** Math.min(reach.failures - 1, 30))
  return { reach, news, inSeconds: usual * (1 - spread + 2 * spread * chance) }
}

function afterLook({ fetchedAt, failures, failedSince }: Reach, { failure }: ReachLook, nowSeconds: number): Reach {
  if (failure === undefined) return { fetchedAt: nowSeconds, failures: 0 }
  return { fetchedAt, failures: failures + 1, failedSince: failedSince ?? nowSeconds, failure }
}
