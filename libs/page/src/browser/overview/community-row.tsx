import type { JSX } from 'preact'
import { Moment } from '../parts/moment.tsx'
import { communityText, countText, dateText } from '../parts/words.ts'
import { routeHref } from '../router.ts'
import type { CommunityHealth } from './health.ts'
import { needReasons } from './health.ts'

/** The cells of one community. @param now Unix seconds of the node's clock */
export function CommunityRow({
  community,
  now,
}: {
  readonly community: CommunityHealth
  readonly now: number
}): JSX.Element {
  const { communityId, role, archivingOn, sealedThrough, nextSeal, weeksBehind, seeders, announcedAt, needs } =
    community
  const state = needs.length > 0 ? 'needs' : archivingOn ? 'good' : 'off'
  return (
    <>
      <div role="cell" class="name">
        <span class={`dot ${state}`} aria-hidden="true" />
        <span>
          <a href={routeHref({ at: 'community', communityId })}>{communityText(community)}</a>
          <small>{archivingOn ? role : `${role}, switched off`}</small>
        </span>
      </div>
      <div role="cell" data-label="Sealed">
        {sealedThrough === undefined ? '–' : dateText(sealedThrough)}
        {weeksBehind > 0 && <small class="bad">{countText(weeksBehind, 'week')} behind</small>}
      </div>
      <div role="cell" data-label="Next">
        {nextSeal === undefined ? '–' : <Moment at={nextSeal} now={now} />}
      </div>
      <div role="cell" data-label="Seeders">
        {seeders}
      </div>
      <div role="cell" data-label="Announced">
        {announcedAt === undefined ? '–' : <Moment at={announcedAt} now={now} />}
      </div>
      <div role="cell" class="needs" data-label="Needs">
        {needs.slice(0, 2).map(({ reason, since, detail }) => (
          <span key={reason} title={detail}>
            {needReasons[reason]}
            {since !== undefined && <small>since {dateText(since)}</small>}
          </span>
        ))}
        {needs.length > 2 && <small>and {needs.length - 2} more</small>}
      </div>
    </>
  )
}
