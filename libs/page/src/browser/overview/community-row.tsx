import type { JSX } from 'preact'
import type { CommunityHealth } from '@annals/proto/api/v1'
import { Moment } from '../parts/moment.tsx'
import { communityText, countText, dateText } from '../parts/words.ts'
import { routeHref } from '../router.ts'
import { detailText, needText } from './need-words.ts'

const mostNeeds = 2

/** The cells of one community. @param now Unix seconds of the node's clock */
export function CommunityRow({
  community,
  now,
}: {
  readonly community: CommunityHealth
  readonly now: number
}): JSX.Element {
  const {
    communityId,
    archivingOn,
    sealedThrough,
    nextDue,
    intervalsBehind = 0,
    seeders,
    announcedAt,
    needs,
  } = community
  const state = needs.length > 0 ? 'needs' : archivingOn ? 'good' : 'off'
  return (
    <>
      <div role="cell" class="name">
        <span class={`dot ${state}`} aria-hidden="true" />
        <span>
          <a href={routeHref({ at: 'community', communityId })}>{communityText(community)}</a>
          <small>{roleText(community)}</small>
        </span>
      </div>
      <div role="cell" data-label="Sealed">
        {sealedThrough === undefined ? '–' : dateText(sealedThrough)}
        {intervalsBehind > 0 && <small class="bad">{countText(intervalsBehind, 'week')} behind</small>}
      </div>
      <div role="cell" data-label="Next">
        {nextDue === undefined ? '–' : <Moment at={nextDue} now={now} />}
      </div>
      <div role="cell" data-label="Seeders">
        {seeders}
      </div>
      <div role="cell" data-label="Announced">
        {announcedAt === undefined ? '–' : <Moment at={announcedAt} now={now} />}
      </div>
      <div role="cell" class="needs">
        {needs.slice(0, mostNeeds).map((need) => (
          <span key={need.reason} title={detailText(need)}>
            {needText(need.reason)}
            {need.since !== undefined && <small>since {dateText(need.since)}</small>}
          </span>
        ))}
        {needs.length > mostNeeds && <small>and {needs.length - mostNeeds} more</small>}
      </div>
    </>
  )
}

function roleText({ controlNode, joined, archivingOn }: CommunityHealth): string {
  const role = controlNode ? 'control node' : 'member'
  if (!joined) return `${role}, left`
  return archivingOn ? role : `${role}, switched off`
}
