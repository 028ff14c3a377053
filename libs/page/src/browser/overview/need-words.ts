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
