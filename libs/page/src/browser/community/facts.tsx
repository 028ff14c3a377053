import type { ArchiveProbe } from '@annals/proto/api/v1'
import type { JSX } from 'preact'
import { Moment } from '../parts/moment.tsx'
import { bytesText, countText, dateText } from '../parts/words.ts'
import { failureText } from '../parts/failure-words.ts'
import { routeHref } from '../router.ts'
import type { CommunityView } from './load-community.ts'

/** What is kept. */
export function HistoryFacts({ view }: { readonly view: CommunityView }): JSX.Element {
  const { now, health, status } = view
  const { controlNode, archivingOn, sealedThrough, nextDue } = health
  const { messages, pendingMessages, archives, archiveBytes, refusals } = status
  const chats = status.community?.chats ?? []
  return (
    <section class="card" aria-label="What is kept">
      <h2>What is kept</h2>
      <dl class="facts">
        <dt>Archiving</dt>
        <dd>
          {archivingOn ? 'on' : 'off'}, {controlNode ? 'control node' : 'member'}
        </dd>
        <dt>Sealed</dt>
        <dd>
          {countText(archives, 'archive')}, {bytesText(archiveBytes)}
        </dd>
        <dt>Sealed through</dt>
        <dd>{sealedThrough === undefined ? 'nothing yet' : dateText(sealedThrough)}</dd>
        <dt>Next seal</dt>
        <dd>{nextDue === undefined ? 'not planned' : <Moment at={nextDue} now={now} />}</dd>
        <dt>Messages</dt>
        <dd>
          {countText(messages, 'message')}, {pendingMessages.toLocaleString('en')} of them not sealed yet
        </dd>
        <dt>Channels</dt>
        <dd>{chats.map(({ name, channelId }) => (name === '' ? channelId : name)).join(', ') || 'none'}</dd>
        {refusals.length > 0 && (
          <>
            <dt>Refused</dt>
            <dd>
              {refusals.map(({ what, reason, count }) => (
                <div key={`${what}/${reason}`}>
                  {countText(count, what)}: {reason}
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** Who has it. */
export function SwarmFacts({ view }: { readonly view: CommunityView }): JSX.Element {
  const { now, health, status } = view
  const { controlNode, seeders, announcedAt, probe, archiveProbe } = health
  const { peers, uploadedBytes, magnetLink, seeders: servedBy } = status
  return (
    <section class="card" aria-label="Swarm">
      <h2>Swarm</h2>
      <dl class="facts">
        <dt>Seeders</dt>
        <dd>
          {seeders}
          {servedBy.map(({ instance, host, port, peers, uploadedBytes }) => (
            <div key={instance}>
              <small>
                {instance} at {host}:{port}: {countText(peers, 'peer')}, {bytesText(uploadedBytes)} sent
              </small>
            </div>
          ))}
        </dd>
        <dt>Peers now</dt>
        <dd>{peers}</dd>
        <dt>Sent so far</dt>
        <dd>{bytesText(uploadedBytes)}</dd>
        <dt>Announced</dt>
        <dd>{announcedAt === undefined ? 'never' : <Moment at={announcedAt} now={now} />}</dd>
        <dt>Members find it</dt>
        <dd>
          {probe?.missingSince !== undefined ? (
            <span class="bad">
              not since <Moment at={probe.missingSince} now={now} />
            </span>
          ) : probe?.foundAt === undefined ? (
            'not looked yet'
          ) : (
            <>
              yes, <Moment at={probe.foundAt} now={now} />
            </>
          )}
        </dd>
        {controlNode && (
          <>
            <dt>Strangers can fetch it</dt>
            <dd>
              <StrangerFinding probe={archiveProbe} now={now} />
            </dd>
          </>
        )}
        {magnetLink !== '' && (
          <>
            <dt>Magnet link</dt>
            <dd>
              <a href={routeHref({ at: 'reader', link: magnetLink })}>Read it</a>
              <details>
                <summary>Show it</summary>
                <code>{magnetLink}</code>
              </details>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** What came of fetching with nothing but the magnet link. */
function StrangerFinding({
  probe,
  now,
}: {
  readonly probe: ArchiveProbe | undefined
  readonly now: number
}): JSX.Element {
  if (probe === undefined) return <>not looked yet</>
  const { reachableAt, unreachableSince, failure, webSeed, webSeedFailure } = probe
  return (
    <>
      {unreachableSince !== undefined ? (
        <span class="bad">
          not since <Moment at={unreachableSince} now={now} />: {failureText(failure)}
        </span>
      ) : reachableAt === undefined ? (
        <>not yet: {failureText(failure)}</>
      ) : (
        <>
          yes, <Moment at={reachableAt} now={now} />
        </>
      )}
      {webSeed !== undefined && (
        <div>
          <small class={webSeed ? undefined : 'bad'}>
            {webSeed ? 'from the web seed, too' : `not from the web seed: ${failureText(webSeedFailure)}`}
          </small>
        </div>
      )}
    </>
  )
}
