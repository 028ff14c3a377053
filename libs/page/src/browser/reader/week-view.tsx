import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Channel, Reader, ReaderState, WeekState } from '@annals/reader'
import { bytesText, countText, cutText, dateText, isVisible, mostNameCharacters, shortId } from '../parts/words.ts'
import { MessageLine } from './message-line.tsx'
import type { Place } from './reader-page.tsx'
import { Remarks } from './remarks.tsx'
import { WeekExports } from './week-exports.tsx'

/** So many messages are shown at a time. */
const pageMessages = 200
/** A week of strangers may have a channel for each of its messages. */
const mostChannels = 500

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
      const line = document.getElementById(`message-${messageId}`)
      line?.scrollIntoView({ block: 'center' })
      line?.focus({ preventScroll: true })
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
  const names = new Map(channels.map(({ channelId, name }) => [channelId, name]))
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
            {channels.slice(0, mostChannels).map((channel) => (
              <option key={channel.channelId} value={channel.channelId}>
                {channelText(channel)}
              </option>
            ))}
          </select>
        </label>
        <WeekExports reader={reader} week={week} />
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
            channel={channelId === '' ? names.get(message.channelId) : undefined}
            isMarked={message.id === messageId}
            onReply={({ weekId, message }) => onPlace({ weekId, messageId: message.id })}
          />
        ))}
      </ol>
      <Pages {...{ offset, hasMore, setOffset }} />
    </>
  )
}

/** Archives have the ids of channels alone; what they are called, a community's public page says. */
function channelText({ channelId, name, messages }: Channel): string {
  const called = isVisible(name) ? cutText(name, mostNameCharacters) : `Channel ${shortId(channelId)}`
  return `${called} (${countText(messages, 'message')})`
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
