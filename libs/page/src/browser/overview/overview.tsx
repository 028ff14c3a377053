import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Client } from '../api/client.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useQuery } from '../api/use-query.ts'
import { Failure, Notice } from '../parts/notice.tsx'
import { Live } from '../parts/live.tsx'
import { useMedia, useTick } from '../parts/use-window.ts'
import { VirtualRows } from '../parts/virtual-rows.tsx'
import { countText } from '../parts/words.ts'
import { listHealth } from './list-health.ts'
import type { Filter } from './health.ts'
import { selectCommunities } from './health.ts'
import { CommunityRow } from './community-row.tsx'

const filters: readonly (readonly [Filter, string])[] = [
  ['all', 'All'],
  ['needs', 'Needs a person'],
  ['control', 'Control nodes'],
  ['member', 'Members'],
  ['off', 'Switched off'],
]
const columns = ['Community', 'Sealed through', 'Next seal', 'Seeders', 'Announced', 'Needs']
const renewMilliseconds = 30_000
const rowHeight = { wide: 60, narrow: 124 }

/** Every community's health at a glance. */
export function Overview({ client }: { readonly client: Client }): JSX.Element {
  const { value, error, refresh } = useQuery('health', (signal) => listHealth(client, signal))
  const liveness = useLiveEvents(client, { onEvent: refresh })
  useTick(renewMilliseconds)
  const [filter, setFilter] = useState<Filter>('all')
  const [text, setText] = useState('')
  const isNarrow = useMedia('(max-width: 760px)')
  const shown = useMemo(() => selectCommunities(value?.communities ?? [], { filter, text }), [value, filter, text])
  if (value === undefined && error !== undefined) return <Failure error={error} retry={refresh} />
  if (value === undefined) return <p class="quiet">Asking the node…</p>
  const needing = value.communities.filter(({ needs }) => needs.length > 0).length
  return (
    <>
      <header class="title">
        <h1>Communities</h1>
        <Live liveness={liveness} />
      </header>
      {error !== undefined && <Failure error={error} retry={refresh} />}
      <p class="summary">{summaryText(value.communities.length, needing)}</p>
      <div class="tools">
        <div class="chips" role="group" aria-label="Show">
          {filters.map(([each, label]) => (
            <button type="button" key={each} aria-pressed={filter === each} onClick={() => setFilter(each)}>
              {label}
              {each === 'needs' && needing > 0 && <span class="count">{needing}</span>}
            </button>
          ))}
        </div>
        <label class="search">
          <span class="unseen">Search by name or id</span>
          <input
            type="search"
            placeholder="Name or id"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      </div>
      {shown.length === 0 ? (
        <Notice kind="neutral">
          {value.communities.length === 0
            ? 'There is no community yet. “annals community add” makes one known.'
            : 'No community is like that.'}
        </Notice>
      ) : (
        <VirtualRows
          rows={shown}
          rowHeight={isNarrow ? rowHeight.narrow : rowHeight.wide}
          label="Communities"
          columns={columns}
          keyOf={({ communityId }) => communityId}
        >
          {(community) => <CommunityRow community={community} now={value.now} />}
        </VirtualRows>
      )}
    </>
  )
}

function summaryText(all: number, needing: number): string {
  if (all === 0) return ''
  if (needing === 0) return `${countText(all, 'community is', 'communities are')} in order.`
  return `${needing} of ${countText(all, 'community', 'communities')} ${needing === 1 ? 'needs' : 'need'} a person.`
}
