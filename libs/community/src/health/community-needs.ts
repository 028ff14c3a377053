/**
 * Why a community needs a person, the most urgent first. What a later one says may follow from an earlier one.
 * - `waits-for-signature`: the owner's signer is away, and what it is to sign waits
 * - `announcement-missing`: who comes now does not find the announcement, though it was published again
 * - `not-seeded`: nobody serves the newest archives
 * - `archive-unreachable`: seeders serve it, and a stranger who has the magnet link alone cannot fetch it
 * - `behind`: intervals are over and not sealed
 * - `download-fails`: what was announced cannot be had
 * - `waits-for-key`: archives are here that cannot be read without a key
 * - `dead-letters`: services gave up events of it
 * - `messages-missing`: store nodes lack messages that others have
 * - `stores-fail`: store nodes could not be asked to the end
 * - `stores-silent`: no store node says whether the announcement is there
 * - `refusals`: somebody announces in its name lately
 */
export const needReasons = [
  'waits-for-signature',
  'announcement-missing',
  'not-seeded',
  'archive-unreachable',
  'behind',
  'download-fails',
  'waits-for-key',
  'dead-letters',
  'messages-missing',
  'stores-fail',
  'stores-silent',
  'refusals',
] as const

export type NeedReason = (typeof needReasons)[number]

export interface CommunityNeed {
  readonly reason: NeedReason
  /** Unix seconds; absent where that is not known. */
  readonly since?: number | undefined
  /** What is missing where. */
  readonly detail: string
}

/** What is known of a community that could need a person. Times are Unix seconds. */
export interface HealthFacts {
  /** Since when the owner is asked for a signature. */
  readonly signatureAskedAt?: number | undefined
  readonly probe?:
    | { readonly missingSince?: number | undefined; readonly unknownSince?: number | undefined }
    | undefined
  /** Since when strangers cannot fetch what was announced, and how far they come. */
  readonly reach?: { readonly unreachableSince?: number | undefined; readonly failure: string } | undefined
  /** What the installation is to serve, and how many seeders do. */
  readonly seeding?: { readonly infoHash: string; readonly seeders: number } | undefined
  /** Whole intervals that are over and not sealed, and when the first of them was over. */
  readonly behind?: { readonly intervals: number; readonly since: number } | undefined
  readonly download?: { readonly tries: number; readonly lastError: string; readonly waitsForKey: boolean } | undefined
  /** Archives that are here and cannot be read yet. */
  readonly archivesWaiting: number
  readonly deadLetters?: { readonly count: number; readonly since: number } | undefined
  /** Store nodes with which something is wrong by the last look. */
  readonly stores: readonly StoreFinding[]
  /** Announcements that somebody else signed. */
  readonly forged?: { readonly count: number; readonly lastAt: number } | undefined
}

export interface StoreFinding {
  readonly node: string
  /** Why it was not asked to the end; empty where it was. */
  readonly failure: string
  readonly missingMessages: number
  readonly since: number
}

/** What was forged longer ago needs nobody any more. */
const forgedSeconds = 86_400

/** What a community needs a person for now, the most urgent first; nothing where all is well. */
export function communityNeeds(facts: HealthFacts, nowSeconds: number): CommunityNeed[] {
  const needs = needReasons.map((reason) => needFor(reason, facts, nowSeconds))
  return needs.filter((need) => need !== undefined)
}

function needFor(reason: NeedReason, facts: HealthFacts, now: number): CommunityNeed | undefined {
  const { probe, reach, seeding, behind, download, deadLetters, stores, forged } = facts
  const failing = stores.filter(({ failure }) => failure !== '')
  const lacking = stores.filter(({ missingMessages }) => missingMessages > 0)
  const given = (isSo: boolean, since?: number, detail = ''): CommunityNeed | undefined =>
    isSo ? { reason, since, detail } : undefined
  switch (reason) {
    case 'waits-for-signature':
      return given(facts.signatureAskedAt !== undefined, facts.signatureAskedAt)
    case 'announcement-missing':
      return given(probe?.missingSince !== undefined, probe?.missingSince)
    case 'not-seeded':
      return given(seeding?.seeders === 0, undefined, seeding?.infoHash)
    case 'archive-unreachable':
      return given(reach?.unreachableSince !== undefined, reach?.unreachableSince, reach?.failure)
    case 'behind':
      return given(behind !== undefined && behind.intervals > 0, behind?.since, String(behind?.intervals ?? ''))
    case 'download-fails':
      return given(download !== undefined && download.tries > 0, undefined, download?.lastError)
    case 'waits-for-key':
      return given(facts.archivesWaiting > 0 || download?.waitsForKey === true)
    case 'dead-letters':
      return given(deadLetters !== undefined, deadLetters?.since, String(deadLetters?.count ?? ''))
    case 'messages-missing':
      return given(lacking.length > 0, earliest(lacking), lacking.map(lackOf).join('; '))
    case 'stores-fail':
      return given(failing.length > 0, earliest(failing), failing.map(failureOf).join('; '))
    case 'stores-silent':
      return given(probe?.unknownSince !== undefined, probe?.unknownSince)
    case 'refusals':
      return given(
        forged !== undefined && forged.lastAt > now - forgedSeconds,
        forged?.lastAt,
        String(forged?.count ?? ''),
      )
    default:
      return reason satisfies never
  }
}

/** Orders communities: who needs somebody most urgently, and for longest, comes first; then by name and id. */
export function compareByNeed(a: Ranked, b: Ranked): number {
  const [needA, needB] = [a.needs[0], b.needs[0]]
  return (
    rank(needA) - rank(needB) ||
    (needA?.since ?? Infinity) - (needB?.since ?? Infinity) ||
    0 ||
    compareText(a.name, b.name) ||
    compareText(a.communityId, b.communityId)
  )
}

interface Ranked {
  readonly communityId: string
  readonly name: string
  readonly needs: readonly CommunityNeed[]
}

function rank(need: CommunityNeed | undefined): number {
  return need === undefined ? needReasons.length : needReasons.indexOf(need.reason)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function earliest(findings: readonly StoreFinding[]): number {
  return Math.min(...findings.map(({ since }) => since))
}

function lackOf({ node, missingMessages }: StoreFinding): string {
  return `${node} lacks ${missingMessages}`
}

function failureOf({ node, failure }: StoreFinding): string {
  return `${node}: ${failure}`
}
