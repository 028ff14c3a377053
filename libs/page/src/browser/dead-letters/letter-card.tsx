import type { JSX } from 'preact'
import type { Client } from '../api/client.ts'
import { CommandButton } from '../parts/command-button.tsx'
import { countText, timeText } from '../parts/words.ts'
import { routeHref } from '../router.ts'
import type { Letter } from './list-letters.ts'
import { dropLetter, replayLetter } from './list-letters.ts'

/** One event that was given up. @param onDone hears what came of a command: the card may be gone by then */
export function LetterCard({
  letter,
  client,
  onDone,
}: {
  readonly letter: Letter
  readonly client: Client
  readonly onDone: (answer: string) => void
}): JSX.Element {
  const { id, consumer, eventName, communityId, eventId, deliveries, error, timeMilliseconds } = letter
  return (
    <article class="card letter" aria-label={`Dead letter ${id}`}>
      <h2>
        {eventName}, given up by {consumer}
      </h2>
      <dl class="facts">
        <dt>Given up</dt>
        <dd>
          {timeText(Math.floor(timeMilliseconds / 1000))}
          {deliveries > 0 && `, after ${countText(deliveries, 'try', 'tries')}`}
        </dd>
        <dt>Community</dt>
        <dd>
          <a href={routeHref({ at: 'community', communityId })}>
            <code>{communityId}</code>
          </a>
        </dd>
        <dt>Event</dt>
        <dd>
          <code>{eventId}</code>
        </dd>
      </dl>
      <h3>Why it failed</h3>
      <pre tabIndex={0} aria-label="Why it failed">
        {error}
      </pre>
      <div class="buttons">
        <CommandButton
          label="Replay"
          run={async () => {
            await replayLetter(client, id)
            onDone(`${consumer} has ${eventName} again. If it fails once more, it comes back here.`)
          }}
        >
          Hands the event to {consumer} again, once what was wrong is mended.
        </CommandButton>
        <CommandButton
          label="Drop"
          kind="danger"
          confirm={`${consumer} will never handle this ${eventName}. The event stays in the log.`}
          run={async () => {
            await dropLetter(client, id)
            onDone(`Dropped: ${consumer} will not handle this ${eventName}.`)
          }}
        >
          Gives it up for good.
        </CommandButton>
      </div>
    </article>
  )
}
