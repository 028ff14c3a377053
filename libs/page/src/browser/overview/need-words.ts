import { failureText } from '../parts/failure-words.ts'
import { countText, cutText } from '../parts/words.ts'

/** What people read where a node gives a reason why a community needs somebody. A newer node may know more reasons. */
const words: Readonly<Record<string, string>> = {
  'waits-for-signature': 'Waits for the owner’s signature',
  'announcement-missing': 'Members do not find the announcement',
  'not-seeded': 'Nobody seeds it',
  'archive-unreachable': 'Strangers cannot fetch it',
  behind: 'Weeks are not sealed',
  'download-fails': 'Cannot be fetched',
  'waits-for-key': 'Waits for a key',
  'dead-letters': 'Events that nobody could handle',
  'messages-missing': 'Store nodes lack messages',
  'stores-fail': 'Store nodes do not answer',
  'stores-silent': 'No store node knows the announcement',
  refusals: 'Forged announcements came',
}

export function needText(reason: string): string {
  return words[reason] ?? reason
}

export const needReasons = Object.keys(words)

/** What is counted where a node's detail of a need is a number alone. */
const counted: Readonly<Record<string, readonly [one: string, many: string]>> = {
  behind: ['interval', 'intervals'],
  'dead-letters': ['event', 'events'],
  refusals: ['announcement', 'announcements'],
}

/** An error, or store nodes' names, may be of any length. */
const mostCharacters = 300

/** What a node says of a need beside its reason, so that a number says what it counts; empty where it says nothing. */
export function detailText({ reason, detail }: { readonly reason: string; readonly detail: string }): string {
  const words = counted[reason]
  if (words !== undefined && /^\d+$/.test(detail)) return countText(Number(detail), ...words)
  if (reason === 'archive-unreachable') return failureText(detail)
  if (reason === 'not-seeded' && detail !== '') return `torrent ${detail}`
  return cutText(detail, mostCharacters)
}
