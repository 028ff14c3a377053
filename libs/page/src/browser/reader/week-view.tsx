import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ExportFormat, Reader, ReaderState, WeekState } from '@annals/reader'
import { Failure, Notice } from '../parts/notice.tsx'
import { bytesText, countText, dateText } from '../parts/words.ts'
import { MessageLine } from './message-line.tsx'
import { offerFile } from './offer-file.ts'
import type { Place } from './reader-page.tsx'

/** So many messages are shown at a time. */
const pageMessages = 200

/** The messages of a week. */
export function WeekView({
  reader,
  state,
  place: { weekId, messageId },
  onPlace,
}: {
  readonly reader: Reader
  readonly state: ReaderState
  readonly place: Place
  readonly onPlace: (place: Place) => void
}): JSX.Element {
  const week = state.weeks.find(({ id }) => id === weekId)
  const [channelId, setChannelId] = useState('')
  const [offset, setOffset] = useState(0)
  const isOpen = week?.phase === 'open'
  useEffect(() => {
    if (messageId === undefined || !isOpen) return
    const at = reader.messages(weekId).findIndex(({ id }) => id === messageId)
    if (at < 0) return
    setChannelId('')
    setOffset(Math.floor(at / pageMessages) * pageMessages)
    requestAnimationFrame(() => {
      document.getElementById(`message-${messageId}`)?.scrollIntoView({ block: 'center' })
    })
  }, [messageId, isOpen])
  if (week === undefined) return <p class="quiet">There is no such week.</p>
  return (
    <section class="week" aria-label={`Week of ${dateText(week.from)}`}>
      <h2>
        {dateText(week.from)} – {dateText(week.to)}
      </h2>
      {!isOpen ? (
        <Opening week={week} />
      ) : (
        <OpenWeek
          {...{ reader, state, week, channelId, offset, messageId, onPlace }}
          setChannel={(id) => (setChannelId(id), setOffset(0))}
          setOffset={setOffset}
        />
      )}
    </section>
  )
}

function Opening({ week: { phase, hereBytes, sizeBytes } }: { readonly week: WeekState }): JSX.Element {
  if (phase === 'closed') return <p class="quiet">It is not open.</p>
  return (
    <label class="opening">
      {hereBytes < sizeBytes ? 'Fetching this week' : 'Reading'}
      <progress max={Math.max(1, sizeBytes)} value={hereBytes} />
      <small>
        {bytesText(hereBytes)} of {bytesText(sizeBytes)}
      </small>
    </label>
  )
}

interface OpenWeekProps {
  readonly reader: Reader
  readonly state: ReaderState
  readonly week: WeekState
  readonly channelId: string
  readonly offset: number
  readonly messageId: string | undefined
  readonly onPlace: (place: Place) => void
  readonly setChannel: (channelId: string) => void
  readonly setOffset: (offset: number) => void
}

function OpenWeek(props: OpenWeekProps): JSX.Element {
  const { reader, week, channelId, offset, messageId, onPlace, setChannel, setOffset } = props
  const channels = reader.channels(week.id)
  const chosen = channelId === '' ? {} : { channelId }
  const messages = reader.messages(week.id, { ...chosen, offset, limit: pageMessages + 1 })
  const hasMore = messages.length > pageMessages
  return (
    <>
      <div class="tools">
        <label>
          Channel{' '}
          <select value={channelId} onChange={({ currentTarget }) => setChannel(currentTarget.value)}>
            <option value="">All</option>
            {channels.map(({ channelId, name, messages }) => (
              <option key={channelId} value={channelId}>
                {name === '' ? channelId : name} ({messages})
              </option>
            ))}
          </select>
        </label>
        <Exports reader={reader} week={week} />
      </div>
      <Remarks week={week} />
      {messages.length === 0 && <p class="quiet">No messages.</p>}
      <Pages {...{ offset, hasMore, setOffset }} />
      <ol class="messages">
        {messages.slice(0, pageMessages).map((message) => (
          <MessageLine
            key={message.id}
            message={message}
            reader={reader}
            isMarked={message.id === messageId}
            onReply={({ weekId, message }) => onPlace({ weekId, messageId: message.id })}
          />
        ))}
      </ol>
      <Pages {...{ offset, hasMore, setOffset }} />
    </>
  )
}

function Pages({
  offset,
  hasMore,
  setOffset,
}: {
  readonly offset: number
  readonly hasMore: boolean
  readonly setOffset: (offset: number) => void
}): JSX.Element | null {
  if (offset === 0 && !hasMore) return null
  return (
    <div class="buttons">
      <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - pageMessages))}>
        Earlier
      </button>
      <button type="button" disabled={!hasMore} onClick={() => setOffset(offset + pageMessages)}>
        Later
      </button>
    </div>
  )
}

/** What of the archive is not shown, and why. */
function Remarks({ week: { tally, damagedArchives } }: { readonly week: WeekState }): JSX.Element {
  const unreadable = [...(tally?.unreadable ?? [])]
  return (
    <>
      {damagedArchives > 0 && (
        <Notice kind="bad">{countText(damagedArchives, 'archive')} of this week cannot be read.</Notice>
      )}
      {unreadable.length > 0 && (
        <Notice kind="neutral">
          Not shown: {unreadable.map(([reason, count]) => `${countText(count, 'message')} (${reason})`).join(', ')}.
        </Notice>
      )}
    </>
  )
}

const formats: readonly (readonly [ExportFormat, string])[] = [
  ['html', 'Page to print'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
]

function Exports({ reader, week }: { readonly reader: Reader; readonly week: WeekState }): JSX.Element {
  const [error, setError] = useState<unknown>()
  const save = async (format: ExportFormat): Promise<void> => {
    setError(undefined)
    try {
      offerFile(await reader.exportWeek(week.id, format))
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div class="buttons" role="group" aria-label="Save this week">
      {formats.map(([format, label]) => (
        <button key={format} type="button" onClick={() => void save(format)}>
          {label}
        </button>
      ))}
      {error !== undefined && <Failure error={error} />}
    </div>
  )
}
