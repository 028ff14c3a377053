import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Client } from '../api/client.ts'
import type { LiveEvent } from '../api/use-live-events.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useQuery } from '../api/use-query.ts'
import { needReasons } from '../overview/health.ts'
import { Live } from '../parts/live.tsx'
import { Failure } from '../parts/notice.tsx'
import { useTick } from '../parts/use-window.ts'
import { communityText, dateText } from '../parts/words.ts'
import { ArchiveWay } from './archive-way.tsx'
import { CalendarView } from './calendar-view.tsx'
import { Commands } from './commands.tsx'
import { HistoryFacts, SwarmFacts } from './facts.tsx'
import { LiveEvents } from './live-events.tsx'
import { loadCommunity } from './load-community.ts'
import { calendar } from './weeks.ts'

const mostEvents = 100
const renewMilliseconds = 30_000

/** One community: its weeks, its swarm, what happens, and what can be done. */
export function CommunityPage({
  client,
  communityId,
}: {
  readonly client: Client
  readonly communityId: string
}): JSX.Element {
  const { value, error, refresh } = useQuery(communityId, (signal) => loadCommunity(client, communityId, signal))
  const [events, setEvents] = useState<readonly LiveEvent[]>([])
  const liveness = useLiveEvents(client, {
    communityId,
    onEvent: (event) => {
      setEvents((before) => [event, ...before].slice(0, mostEvents))
      refresh()
    },
  })
  useTick(renewMilliseconds)
  if (value === undefined)
    return error === undefined ? <p class="quiet">Asking the node…</p> : <Failure error={error} retry={refresh} />
  const { now, archives, sealedThrough, gaps, needs, way } = value
  const years = calendar(archives, { now, sealedThrough: sealedThrough ?? 0, gaps })
  return (
    <>
      <header class="title">
        <h1>{communityText(value)}</h1>
        <Live liveness={liveness} />
      </header>
      <p>
        <code>{communityId}</code>
      </p>
      {error !== undefined && <Failure error={error} retry={refresh} />}
      {needs.length > 0 && (
        <section class="card" aria-label="What needs a person">
          <h2>Needs a person</h2>
          <ul class="needs-list">
            {needs.map(({ reason, since, detail }) => (
              <li key={reason}>
                {needReasons[reason]}
                {since !== undefined && ` since ${dateText(since)}`}
                {detail !== undefined && detail !== '' && <small> {detail}</small>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="cards">
        <section class="card wide" aria-label="History">
          <h2>History</h2>
          {years.length === 0 ? <p class="quiet">No week is sealed yet.</p> : <CalendarView years={years} />}
        </section>
        <section class="card wide" aria-label="The newest archive">
          <h2>The newest archive</h2>
          <ArchiveWay steps={way} now={now} />
        </section>
        <HistoryFacts view={value} />
        <SwarmFacts view={value} />
        <section class="card" aria-label="What can be done">
          <h2>What can be done</h2>
          <Commands client={client} view={value} onDone={refresh} />
        </section>
        <section class="card wide" aria-label="Live events">
          <h2>Live events</h2>
          <LiveEvents events={events} />
        </section>
      </div>
    </>
  )
}
