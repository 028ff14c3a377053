import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ChatMessage, FoundMessage, Reader } from '@annals/reader'
import { bytesText, isoText, timeText } from '../parts/words.ts'

/** Longer texts are folded: nobody is to scroll past a megabyte. */
const mostCharacters = 4_000

/** One message, as data: nothing in it is followed, loaded or run. */
export function MessageLine({
  message,
  reader,
  isMarked = false,
  onGo,
  onReply,
}: {
  readonly message: ChatMessage
  readonly reader: Reader
  readonly isMarked?: boolean
  /** Goes to the message in its week. */
  readonly onGo?: () => void
  /** Goes to the message that this one answers. */
  readonly onReply?: (found: FoundMessage) => void
}): JSX.Element {
  const { timeMilliseconds, text, deleted, editedMilliseconds, replyTo, attachments, origin, kind } = message
  const [isWhole, setIsWhole] = useState(false)
  const answered = replyTo === '' ? undefined : reader.find(replyTo)
  const seconds = Math.floor(timeMilliseconds / 1000)
  return (
    <li id={`message-${message.id}`} class={isMarked ? 'message marked' : 'message'}>
      <div class="from">
        <bdi>{nameOf(message)}</bdi>
        <time dateTime={isoText(seconds)}>{timeText(seconds)}</time>
        {origin === 'imported' && <small>imported</small>}
        {onGo !== undefined && (
          <button type="button" onClick={onGo}>
            Show in its week
          </button>
        )}
      </div>
      {replyTo !== '' && (
        <blockquote>
          {answered === undefined ? (
            <small>Answers a message that is not open</small>
          ) : (
            <button type="button" class="quote" onClick={() => onReply?.(answered)} disabled={onReply === undefined}>
              <bdi>{nameOf(answered.message)}</bdi>: <bdi>{answered.message.text.slice(0, 120)}</bdi>
            </button>
          )}
        </blockquote>
      )}
      {deleted ? (
        <p class="quiet">This message was taken back.</p>
      ) : (
        <p class="text" dir="auto">
          {isWhole ? text : text.slice(0, mostCharacters)}
          {text === '' && kind !== 'text' && <span class="quiet">({kind})</span>}
          {editedMilliseconds !== undefined && <small> (edited)</small>}
        </p>
      )}
      {!isWhole && text.length > mostCharacters && (
        <button type="button" onClick={() => setIsWhole(true)}>
          Show all of it ({bytesText(text.length)})
        </button>
      )}
      {attachments.length > 0 && (
        <ul class="attachments">
          {attachments.map(({ fileName, sizeBytes, url }) => (
            <li key={url}>
              <bdi>{fileName === '' ? url : fileName}</bdi> <small>{bytesText(sizeBytes)}, not in the archive</small>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function nameOf({ senderName, senderId }: ChatMessage): string {
  return senderName === '' ? `${senderId.slice(0, 12)}…` : senderName
}
