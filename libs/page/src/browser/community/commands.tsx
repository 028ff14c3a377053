import type { JSX } from 'preact'
import type { Client } from '../api/client.ts'
import { CommandButton } from '../parts/command-button.tsx'
import { announceAgain, archiveNow, switchArchiving, switchPublic } from './command-calls.ts'
import type { CommunityView } from './load-community.ts'

/** What an operator or the community's owner can do. */
export function Commands({
  client,
  view,
  onDone,
}: {
  readonly client: Client
  readonly view: CommunityView
  readonly onDone: () => void
}): JSX.Element {
  const { communityId, controlNode, archivingOn, public: isPublic } = view.health
  const run = (command: () => Promise<string>) => async (): Promise<string> => {
    const answer = await command()
    onDone()
    return answer
  }
  return (
    <>
      {controlNode && (
        <>
          <CommandButton label="Archive now" run={run(() => archiveNow(client, communityId))}>
            Seals what has come since the last archive, without waiting for the week to end.
          </CommandButton>
          <CommandButton label="Announce again" run={run(() => announceAgain(client, communityId))}>
            Sends the newest magnet link to every member once more.
          </CommandButton>
        </>
      )}
      {archivingOn ? (
        <CommandButton
          label="Switch off"
          kind="danger"
          confirm="Nothing more is sealed or fetched, and seeding ends, until it is switched on again. What is sealed stays."
          run={run(() => switchArchiving(client, communityId, false))}
        >
          Ends archiving and seeding here until it is switched on again.
        </CommandButton>
      ) : (
        <CommandButton label="Switch on" run={run(() => switchArchiving(client, communityId, true))}>
          Archives and seeds from now on. What was missed is asked for.
        </CommandButton>
      )}
      {isPublic ? (
        <CommandButton label="Make private" run={run(() => switchPublic(client, communityId, false))}>
          Anybody with the link can read its history here now.
        </CommandButton>
      ) : (
        <CommandButton
          label="Make public"
          confirm="Anybody who has the link will be able to read the history and see how it is kept."
          run={run(() => switchPublic(client, communityId, true))}
        >
          Only tokens open it now.
        </CommandButton>
      )}
    </>
  )
}
