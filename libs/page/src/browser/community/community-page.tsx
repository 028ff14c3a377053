import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Client } from '../api/client.ts'
import type { LiveEvent } from '../api/use-live-events.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useQuery } from '../api/use-query.ts'
import { needText } from '../overview/need-words.ts'
import { failureText } from '../parts/failure-words.ts'
import { Live } from '../parts/live.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { useTick } from '../parts/use-window.ts'
import { communityText, dateText } from '../parts/words.ts'
import { publicLink, routeHref } from '../router.ts'
import { ArchiveWay } from './archive-way.tsx'
import { CalendarView } from './calendar-view.tsx'
import { Commands } from './commands.tsx'
import { HistoryFacts, SwarmFacts } from './facts.tsx'
import { LiveEvents } from './live-events.tsx'
import { loadCommunity } from './load-community.ts'
import type { FoundGaps } from './load-gaps.ts'
import { loadGaps } from './load-gaps.ts'
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
  const found = useRef<FoundGaps>({ after: 0, gaps: [] })
  const { value, error, refresh } = useQuery(communityId, async (signal) => {
    const [view, gaps] = await Promise.all([
      loadCommunity(client, communityId, signal),
      loadGaps(client, communityId, found.current, signal),
    ])
    found.current = gaps
    return { view, gaps: gaps.gaps }
  })
  const [events, setEvents] = useState<readonly LiveEvent[]>([])
  const liveness = useLiveEvents(client, {
    communityId,
    onEvent: (event) => {
      setEvents((before) => [event, ...before].slice(0, mostEvents))
      refresh()
    },
  })
  const tick = useTick(renewMilliseconds)
  useEffect(refresh, [tick])
  if (value === undefined)
    return error === undefined ? <p class="quiet">Asking the node…</p> : <Failure error={error} retry={refresh} />
  const { view, gaps } = value
  if (view === undefined) return <Notice kind="bad">The node does not know this community.</Notice>
  const { now, asOf, archives, health, way } = view
  const { sealedThrough = 0, needs } = health
  const years = calendar(archives, { now, sealedThrough, gaps })
  return (
    <>
      <header class="title">
        <h1>{communityText(health)}</h1>
        <Live liveness={liveness} />
      </header>
      <p>
        <code>{communityId}</code>
      </p>
      {health.public && (
        <p>
          <a href={routeHref({ at: 'reader', link: publicLink(communityId) })}>Read its history</a>
        </p>
      )}
      {error !== undefined && <Failure error={error} retry={refresh} />}
      {needs.length > 0 && (
        <section class="card" aria-label="What needs a person">
          <h2>Needs a person</h2>
          <ul class="needs-list">
            {needs.map(({ reason, since, detail }) => (
              <li key={reason}>
                {needText(reason)}
                {since !== undefined && ` since ${dateText(since)}`}
                {detail !== '' && <small> {reason === 'archive-unreachable' ? failureText(detail) : detail}</small>}
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
          <ArchiveWay steps={way} now={asOf} />
        </section>
        <HistoryFacts view={view} />
        <SwarmFacts view={view} />
        <section class="card" aria-label="What can be done">
          <h2>What can be done</h2>
          <Commands client={client} view={view} onDone={refresh} />
        </section>
        <section class="card wide" aria-label="Live events">
          <h2>Live events</h2>
          <LiveEvents events={events} />
        </section>
      </div>
    </>
  )
}
