import type { JSX } from 'preact'
import { Moment } from '../parts/moment.tsx'
import { bytesText, countText, dateText } from '../parts/words.ts'
import type { CommunityView } from './community-view.ts'

/** What is kept. */
export function HistoryFacts({ view }: { readonly view: CommunityView }): JSX.Element {
  const { now, role, archivingOn, messages, pendingMessages, archives, archiveBytes, sealedThrough, nextSeal } = view
  return (
    <section class="card" aria-label="What is kept">
      <h2>What is kept</h2>
      <dl class="facts">
        <dt>Archiving</dt>
        <dd>
          {archivingOn ? 'on' : 'off'}, {role}
        </dd>
        <dt>Sealed</dt>
        <dd>
          {countText(archives.length, 'archive')}, {bytesText(archiveBytes)}
        </dd>
        <dt>Sealed through</dt>
        <dd>{sealedThrough === undefined ? 'nothing yet' : dateText(sealedThrough)}</dd>
        <dt>Next seal</dt>
        <dd>{nextSeal === undefined ? 'not planned' : <Moment at={nextSeal} now={now} />}</dd>
        <dt>Messages</dt>
        <dd>
          {countText(messages, 'message')}, {pendingMessages.toLocaleString('en')} of them not sealed yet
        </dd>
        <dt>Channels</dt>
        <dd>{view.chats.map(({ name, channelId }) => (name === '' ? channelId : name)).join(', ') || 'none'}</dd>
        {view.refusals.length > 0 && (
          <>
            <dt>Refused</dt>
            <dd>
              {view.refusals.map(({ what, reason, count }) => (
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
  const { now, seeders, servedBy, peers, uploadedBytes, magnetLink, announcedAt } = view
  const { announcementFoundAt, announcementMissingSince } = view
  return (
    <section class="card" aria-label="Swarm">
      <h2>Swarm</h2>
      <dl class="facts">
        <dt>Seeders</dt>
        <dd>
          {seeders}
          {servedBy.map(({ instance, host, port }) => (
            <div key={instance}>
              <small>
                {instance} at {host}:{port}
              </small>
            </div>
          ))}
        </dd>
        <dt>Peers now</dt>
        <dd>{peers}</dd>
        <dt>Sent</dt>
        <dd>{bytesText(uploadedBytes)}</dd>
        <dt>Announced</dt>
        <dd>{announcedAt === undefined ? 'never' : <Moment at={announcedAt} now={now} />}</dd>
        <dt>Members find it</dt>
        <dd>
          {announcementMissingSince !== undefined ? (
            <span class="bad">
              not since <Moment at={announcementMissingSince} now={now} />
            </span>
          ) : announcementFoundAt === undefined ? (
            'not looked yet'
          ) : (
            <>
              yes, <Moment at={announcementFoundAt} now={now} />
            </>
          )}
        </dd>
        {magnetLink !== '' && (
          <>
            <dt>Magnet link</dt>
            <dd>
              <code>{magnetLink}</code>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}
