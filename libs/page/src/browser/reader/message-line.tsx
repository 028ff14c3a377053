import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ChatAttachment, ChatMessage, FoundMessage, Reader } from '@annals/reader'
import { bytesText, cutText, isoText, isVisible, mostNameCharacters, shortId, timeText } from '../parts/words.ts'

/** Longer texts are folded: nobody is to scroll past a megabyte. */
const mostCharacters = 4_000
/** Unfolded at a time: a browser takes seconds to lay out a line of megabytes. */
const moreCharacters = 100_000
const mostAttachments = 20

/** One message, as data: nothing in it is followed, loaded or run. */
export function MessageLine({
  message,
  reader,
  channel = '',
  isMarked = false,
  onGo,
  onReply,
}: {
  readonly message: ChatMessage
  readonly reader: Reader
  /** What its channel is called, where that is to be said. */
  readonly channel?: string
  readonly isMarked?: boolean
  /** Goes to the message in its week. */
  readonly onGo?: () => void
  /** Goes to the message that this one answers. */
  readonly onReply?: (found: FoundMessage) => void
}): JSX.Element {
  const { timeMilliseconds, deleted, replyTo, attachments, origin } = message
  const answered = replyTo === '' ? undefined : reader.find(replyTo)
  const seconds = Math.floor(timeMilliseconds / 1000)
  return (
    // What is gone to by a date or a search takes the focus, so that who goes on by keyboard goes on there.
    <li
      // What was found stands in the list and may stand in its week as well, where it is gone to.
      id={onGo === undefined ? `message-${message.id}` : undefined}
      class={isMarked ? 'message marked' : 'message'}
      tabIndex={isMarked ? -1 : undefined}
    >
      <div class="from">
        <bdi>{nameOf(message)}</bdi>
        <time dateTime={isoText(seconds)}>{timeText(seconds)}</time>
        {channel !== '' && (
          <small>
            in <bdi>{cutText(channel, mostNameCharacters)}</bdi>
          </small>
        )}
        {origin === 'imported' && <small title="Said elsewhere; the community brought it here">imported</small>}
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
      {deleted ? <p class="quiet">This message was taken back.</p> : <Text message={message} />}
      {attachments.length > 0 && <Attachments attachments={attachments} />}
    </li>
  )
}

function Text({ message: { text, kind, editedMilliseconds } }: { readonly message: ChatMessage }): JSX.Element {
  const [most, setMost] = useState(mostCharacters)
  const left = text.length - most
  return (
    <>
      <p class="text" dir="auto">
        {text.slice(0, most)}
        {text === '' && kind !== 'text' && <span class="quiet">({kind})</span>}
        {editedMilliseconds !== undefined && <small> (edited)</small>}
        {left > 0 && <small> … {left.toLocaleString('en')} more characters</small>}
      </p>
      {left > 0 && (
        <button type="button" onClick={() => setMost(most + moreCharacters)}>
          Show more of it
        </button>
      )}
    </>
  )
}

function Attachments({ attachments }: { readonly attachments: readonly ChatAttachment[] }): JSX.Element {
  return (
    <ul class="attachments">
      {attachments.slice(0, mostAttachments).map(({ fileName, sizeBytes, url }, at) => (
        <li key={at}>
          <bdi>{cutText(isVisible(fileName) ? fileName : url, mostNameCharacters)}</bdi>{' '}
          <small>{bytesText(sizeBytes)}, not in the archive</small>
        </li>
      ))}
      {attachments.length > mostAttachments && (
        <li>and {(attachments.length - mostAttachments).toLocaleString('en')} more</li>
      )}
    </ul>
  )
}

function nameOf({ senderName, senderId }: ChatMessage): string {
  return isVisible(senderName) ? cutText(senderName, mostNameCharacters) : shortId(senderId)
}
