/** What needs a person, the worst first. */
export const needReasons = {
  'dead-letters': 'Events that nobody could handle',
  'seal-overdue': 'Overdue to be sealed',
  'not-seeded': 'Nobody seeds it',
  'announcement-missing': 'Members do not find the announcement',
  'signature-waits': 'Waits for the owner’s signature',
  'download-fails': 'Cannot be fetched',
  'key-missing': 'Waits for a key',
  'store-gaps': 'Stores have gaps',
  refusals: 'Forged or broken messages came',
} as const
export type NeedReason = keyof typeof needReasons

export interface Need {
  readonly reason: NeedReason
  /** Unix seconds. */
  readonly since?: number | undefined
  readonly detail?: string
}

/** A community as the overview shows it. Times are Unix seconds. */
export interface CommunityHealth {
  readonly communityId: string
  readonly name: string
  readonly role: 'control node' | 'member'
  readonly archivingOn: boolean
  readonly sealedThrough?: number | undefined
  readonly nextSeal?: number | undefined
  readonly weeksBehind: number
  readonly seeders: number
  readonly announcedAt?: number | undefined
  readonly needs: readonly Need[]
}

/** Which communities are shown. */
export type Filter = 'all' | 'needs' | 'control' | 'member' | 'off'

const order = Object.keys(needReasons)

/** The worst first, of the same kind the oldest; then what is in order, by name. */
export function compareHealth(a: CommunityHealth, b: CommunityHealth): number {
  const [first, second] = [a.needs[0], b.needs[0]]
  if (first === undefined || second === undefined) {
    if (first !== second) return first === undefined ? 1 : -1
    return compareNames(a, b)
  }
  return (
    order.indexOf(first.reason) - order.indexOf(second.reason) ||
    (first.since ?? Infinity) - (second.since ?? Infinity) ||
    compareNames(a, b)
  )
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compareNames(a: CommunityHealth, b: CommunityHealth): number {
  return collator.compare(a.name, b.name) || (a.communityId < b.communityId ? -1 : 1)
}

/** Those that a filter lets through and whose name or id has the text in it, sorted. */
export function selectCommunities(
  communities: readonly CommunityHealth[],
  { filter, text }: { readonly filter: Filter; readonly text: string },
): CommunityHealth[] {
  const wanted = text.trim().toLowerCase()
  return communities
    .filter((each) => passes(each, filter))
    .filter(({ name, communityId }) => name.toLowerCase().includes(wanted) || communityId.includes(wanted))
    .sort(compareHealth)
}

function passes({ needs, role, archivingOn }: CommunityHealth, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'needs':
      return needs.length > 0
    case 'control':
      return role === 'control node'
    case 'member':
      return role === 'member'
    case 'off':
      return !archivingOn
    default:
      return filter satisfies never
  }
}
