import type { JSX } from 'preact'
import type { LiveEvent } from '../api/use-live-events.ts'
import { timeText } from '../parts/words.ts'

/** The events that came since the page was opened, the newest first. */
export function LiveEvents({ events }: { readonly events: readonly LiveEvent[] }): JSX.Element {
  if (events.length === 0) return <p class="quiet">Nothing has happened since this page was opened.</p>
  return (
    <ol class="events" aria-live="polite">
      {events.map(({ sequence, name, timeMilliseconds }) => (
        <li key={sequence}>
          <strong>{name}</strong>
          <small>
            {timeText(Math.floor(timeMilliseconds / 1000))} · {sequence}
          </small>
        </li>
      ))}
    </ol>
  )
}
