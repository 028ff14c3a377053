import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Reader, ReaderState } from '@annals/reader'
import { Failure } from '../parts/notice.tsx'
import { cutText, isVisible, mostNameCharacters } from '../parts/words.ts'
import { routeHref } from '../router.ts'
import { KeyForm } from './key-form.tsx'
import { LinkForm } from './link-form.tsx'
import { Search } from './search.tsx'
import { SignatureLine } from './signature-line.tsx'
import { Traffic } from './traffic.tsx'
import { useReader } from './use-reader.ts'
import { WeekList } from './week-list.tsx'
import { WeekView } from './week-view.tsx'

/** Where somebody reads a community's history, checked, out of the swarm. */
export function ReaderPage({ link }: { readonly link: string }): JSX.Element {
  return link === '' ? <AskForLink /> : <OpenReader link={link} />
}

function AskForLink({ refused, error }: { readonly refused?: string; readonly error?: unknown }): JSX.Element {
  return (
    <>
      <header class="title">
        <h1>Read a history</h1>
      </header>
      {error !== undefined && <Failure error={error} />}
      <LinkForm
        {...(refused !== undefined && { first: cutText(refused, mostLinkCharacters) })}
        onLink={(link) => (window.location.hash = routeHref({ at: 'reader', link }))}
      />
    </>
  )
}

/** Of a link that is none, so much stands in the form again. */
const mostLinkCharacters = 2_000

const phases: Readonly<Record<ReaderState['phase'], string>> = {
  resolving: 'Asking what is behind the link…',
  'fetching-info': 'Looking for somebody who has it…',
  'fetching-index': 'Fetching the list of weeks…',
  'waits-for-key': 'It is encrypted: a key is needed to see its weeks.',
  ready: '',
  failed: '',
  closed: 'It is closed.',
}

/** What is shown of a week, and where in it. */
export interface Place {
  readonly weekId: string
  /** Which message to show and mark. */
  readonly messageId?: string | undefined
}

function OpenReader({ link }: { readonly link: string }): JSX.Element {
  const { reader, state, error, incidents, again } = useReader(link)
  if (error !== undefined) return <AskForLink refused={link} error={error} />
  if (reader === undefined || state === undefined) return <p class="quiet">Opening…</p>
  return (
    <>
      <header class="title">
        <h1>{isVisible(state.name) ? cutText(state.name, mostNameCharacters) : 'A community’s history'}</h1>
        <a href={routeHref({ at: 'reader', link: '' })}>Open another link</a>
      </header>
      {state.error !== undefined && <Failure error={state.error} retry={again} />}
      {state.infoHash !== undefined && (
        <>
          <SignatureLine state={state} />
          <Traffic reader={reader} state={state} incidents={incidents} />
        </>
      )}
      {phases[state.phase] !== '' && (
        <p class="quiet" role="status">
          {phases[state.phase]}
        </p>
      )}
      {state.storageProblem !== undefined && <Failure error={state.storageProblem} />}
      {(state.phase === 'waits-for-key' || state.weeks.some(({ missingKeys }) => missingKeys.length > 0)) && (
        <KeyForm reader={reader} state={state} />
      )}
      {state.phase === 'ready' && <Weeks reader={reader} state={state} />}
    </>
  )
}

function Weeks({ reader, state }: { readonly reader: Reader; readonly state: ReaderState }): JSX.Element {
  const [place, setPlace] = useState<Place>()
  const [failure, setFailure] = useState<unknown>()
  const go = async (find: () => Promise<Place | undefined>): Promise<void> => {
    setFailure(undefined)
    try {
      const found = await find()
      if (found !== undefined) setPlace(found)
    } catch (error) {
      setFailure(error)
    }
  }
  const open = (weekId: string): Promise<void> =>
    go(async () => {
      setPlace({ weekId })
      await reader.openWeek(weekId)
      return { weekId }
    })
  if (state.weeks.length === 0) return <p class="quiet">There is no week in it yet.</p>
  return (
    <>
      <Search
        reader={reader}
        state={state}
        onPlace={setPlace}
        onDate={(milliseconds) => void go(() => reader.jumpTo(milliseconds))}
      />
      {failure !== undefined && <Failure error={failure} />}
      <div class="reading">
        <WeekList reader={reader} state={state} shown={place?.weekId} onOpen={(weekId) => void open(weekId)} />
        {place === undefined ? (
          <p class="quiet">Open a week to read it. Only that week is fetched.</p>
        ) : (
          <WeekView key={place.weekId} reader={reader} state={state} place={place} onPlace={setPlace} />
        )}
      </div>
    </>
  )
}
