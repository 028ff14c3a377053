import type { JSX } from 'preact'
import type { UnreadableReason, WeekState } from '@annals/reader'
import { Notice } from '../parts/notice.tsx'
import { countText } from '../parts/words.ts'

const words: Readonly<Record<UnreadableReason, string>> = {
  format: 'no message of an archive',
  malformed: 'no message of a chat',
  'too-large': 'too large',
  'key-missing': 'the key is missing',
  undecryptable: 'the key does not open it',
  sender: 'no valid sender',
  time: 'a time that no calendar has',
  'foreign-chat': 'of another community',
  'false-import': 'says that the community imported it, which it did not',
  segment: 'a part of a message whose other parts do not fit',
}

/** What of a week's archives is not shown, and why. */
export function Remarks({ week: { tally, damagedArchives } }: { readonly week: WeekState }): JSX.Element {
  const unreadable = [...(tally?.unreadable ?? [])]
  return (
    <>
      {damagedArchives > 0 && (
        <Notice kind="bad">{countText(damagedArchives, 'archive')} of this week cannot be read.</Notice>
      )}
      {unreadable.length > 0 && (
        <Notice kind="neutral">
          Not shown:{' '}
          {unreadable.map(([reason, count]) => `${countText(count, 'message')} (${words[reason]})`).join(', ')}.
        </Notice>
      )}
    </>
  )
}
