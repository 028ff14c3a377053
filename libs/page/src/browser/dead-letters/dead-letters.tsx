import type { JSX } from 'preact'
import type { Client } from '../api/client.ts'
import { useQuery } from '../api/use-query.ts'
import { CommandButton } from '../parts/command-button.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { countText, timeText } from '../parts/words.ts'
import { routeHref } from '../router.ts'
import type { Letter } from './list-letters.ts'
import { dropLetter, listLetters, replayLetter } from './list-letters.ts'

/** The events that services gave up: what failed, why, and what can be done. */
export function DeadLetters({ client }: { readonly client: Client }): JSX.Element {
  const { value, error, refresh } = useQuery('dead letters', (signal) => listLetters(client, signal))
  return (
    <>
      <header class="title">
        <h1>Dead letters</h1>
        <button type="button" onClick={refresh}>
          Look again
        </button>
      </header>
      <p class="quiet">
        Events that a service tried to handle as often as it may, and could not. They stay in the log whatever you do
        here.
      </p>
      {error !== undefined && <Failure error={error} retry={refresh} />}
      {value === undefined && error === undefined && <p class="quiet">Asking the node…</p>}
      {value?.letters.length === 0 && <Notice kind="good">There are none: every event was handled.</Notice>}
      {value !== undefined && value.letters.length > 0 && (
        <p>
          {countText(value.letters.length, 'dead letter')}
          {value.isMore ? ' and more: these are the first.' : '.'}
        </p>
      )}
      {value?.letters.map((letter) => (
        <LetterCard key={letter.id} letter={letter} client={client} onDone={refresh} />
      ))}
    </>
  )
}

function LetterCard({
  letter,
  client,
  onDone,
}: {
  readonly letter: Letter
  readonly client: Client
  readonly onDone: () => void
}): JSX.Element {
  const { id, consumer, eventName, communityId, eventId, deliveries, error, timeMilliseconds } = letter
  return (
    <article class="card letter" aria-label={`Dead letter ${id}`}>
      <h2>
        {eventName} at {consumer}
      </h2>
      <dl class="facts">
        <dt>Given up</dt>
        <dd>
          {timeText(Math.floor(timeMilliseconds / 1000))}, after {countText(deliveries, 'try', 'tries')}
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
      <pre tabIndex={0} aria-label="Why it failed">
        {error}
      </pre>
      <div class="buttons">
        <CommandButton
          label="Replay"
          run={async () => {
            await replayLetter(client, id)
            onDone()
            return 'It goes to its consumer again. If it fails again, it comes back here.'
          }}
        />
        <CommandButton
          label="Drop"
          kind="danger"
          confirm={`${consumer} will never handle this ${eventName}. The event stays in the log.`}
          run={async () => {
            await dropLetter(client, id)
            onDone()
            return 'Dropped.'
          }}
        />
      </div>
    </article>
  )
}
