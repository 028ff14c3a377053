import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Client } from '../api/client.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useQuery } from '../api/use-query.ts'
import { Live } from '../parts/live.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { useMedia, useTick } from '../parts/use-window.ts'
import type { Seen } from '../parts/virtual-rows.tsx'
import { VirtualRows } from '../parts/virtual-rows.tsx'
import { countText } from '../parts/words.ts'
import { CommunityRow } from './community-row.tsx'
import { routeHref } from '../router.ts'
import type { SeenHealth } from './health-pages.ts'
import { covers, loadHealth } from './health-pages.ts'
import { needReasons, needText } from './need-words.ts'

const columns = ['Community', 'Sealed through', 'Next seal', 'Seeders', 'Announced', 'Needs']
const renewMilliseconds = 30_000
/** A node looks its communities up every few seconds at most, so that what an event changed may be seen a little later. */
const secondLookMilliseconds = 3_000
const rowHeight = { wide: 60, narrow: 140 }
/** A new letter within this is waited for before the node is asked. */
const typingMilliseconds = 200

/** Every community's health at a glance. */
export function Overview({ client }: { readonly client: Client }): JSX.Element {
  const [chosen, setChosen] = useState('')
  const [search, setSearch] = useState('')
  const seen = useRef<Seen>({ first: 0, last: 30 })
  const reasons = chosen === 'all needs' ? needReasons : chosen === '' ? [] : [chosen]
  const { value, error, refresh } = useQuery('health', (signal) =>
    loadHealth(client, { reasons, search }, seen.current, signal),
  )
  const secondLook = useRef<ReturnType<typeof setTimeout>>(undefined)
  const liveness = useLiveEvents(client, {
    onEvent: () => {
      refresh()
      clearTimeout(secondLook.current)
      secondLook.current = setTimeout(refresh, secondLookMilliseconds)
    },
  })
  useEffect(() => () => clearTimeout(secondLook.current), [])
  const tick = useTick(renewMilliseconds)
  useEffect(refresh, [tick, chosen])
  useEffect(() => {
    const timer = setTimeout(refresh, typingMilliseconds)
    return () => clearTimeout(timer)
  }, [search])
  const isNarrow = useMedia('(max-width: 760px)')
  if (value === undefined)
    return (
      <>
        <header class="title">
          <h1>Communities</h1>
        </header>
        {error === undefined ? (
          <p class="quiet">Asking the node…</p>
        ) : (
          <>
            <Failure error={error} retry={refresh} />
            <p>
              To <a href={routeHref({ at: 'reader', link: '' })}>read a history</a> that you have a link to, you need no
              token.
            </p>
          </>
        )}
      </>
    )
  const onSeen = (rows: Seen): void => {
    seen.current = rows
    if (!covers(value, rows)) refresh()
  }
  return (
    <>
      <header class="title">
        <h1>Communities</h1>
        <Live liveness={liveness} />
      </header>
      {error !== undefined && <Failure error={error} retry={refresh} />}
      <div class="tools">
        <Chips needing={value.needing} chosen={chosen} onChoose={setChosen} />
        <label class="search">
          <span class="unseen">Search by name or id</span>
          <input
            type="search"
            placeholder="Name or id"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
      </div>
      <p class="summary" role="status">
        {summaryText(value, chosen === '' && search === '')}
      </p>
      {value.total > 0 && (
        <VirtualRows
          count={value.total}
          rowHeight={isNarrow ? rowHeight.narrow : rowHeight.wide}
          label="Communities"
          columns={columns}
          rowAt={(place) => value.rows[place - value.offset]}
          onSeen={onSeen}
        >
          {(community) => <CommunityRow community={community} now={value.now} />}
        </VirtualRows>
      )}
      {value.total === 0 && chosen === '' && search === '' && (
        <Notice kind="neutral">There is no community yet. “annals community add” makes one known.</Notice>
      )}
    </>
  )
}

function Chips({
  needing,
  chosen,
  onChoose,
}: {
  readonly needing: Readonly<Record<string, number>>
  readonly chosen: string
  readonly onChoose: (chosen: string) => void
}): JSX.Element {
  const reasons = needReasons.filter((reason) => (needing[reason] ?? 0) > 0 || reason === chosen)
  const chips: readonly (readonly [string, string, number | undefined])[] = [
    ['', 'All', undefined],
    ['all needs', 'Needs a person', undefined],
    ...reasons.map((reason) => [reason, needText(reason), needing[reason] ?? 0] as const),
  ]
  return (
    <div class="chips" role="group" aria-label="Show">
      {chips.map(([key, label, count]) => (
        <button type="button" key={key} aria-pressed={chosen === key} onClick={() => onChoose(key)}>
          {label}
          {count !== undefined && <span class="count">{count}</span>}
        </button>
      ))}
    </div>
  )
}

function summaryText({ total, needing }: SeenHealth, isAll: boolean): string {
  if (!isAll) return total === 0 ? 'No community is like that.' : countText(total, 'community', 'communities')
  if (total === 0) return ''
  const isFine = Object.values(needing).every((count) => count === 0)
  const all = countText(total, 'community', 'communities')
  return isFine ? `${all}, all in order.` : `${all}. What needs a person comes first.`
}
