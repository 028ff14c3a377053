import type { JSX } from 'preact'
import type { Reader, ReaderState, SwarmEvent } from '@annals/reader'
import { Notice } from '../parts/notice.tsx'
import { bytesText, countText } from '../parts/words.ts'

/** What went over the wire, and whether others are served. */
export function Traffic({
  reader,
  state,
  incidents,
}: {
  readonly reader: Reader
  readonly state: ReaderState
  readonly incidents: readonly SwarmEvent[]
}): JSX.Element {
  const { bytes, peers, seeding, refusedPieces } = state
  return (
    <>
      <div class="traffic">
        <dl>
          <div>
            <dt>Fetched from peers</dt>
            <dd data-bytes={bytes.fromPeers}>{bytesText(bytes.fromPeers)}</dd>
          </div>
          <div>
            <dt>Fetched from the web</dt>
            <dd data-bytes={bytes.fromWebSeeds}>{bytesText(bytes.fromWebSeeds)}</dd>
          </div>
          <div>
            <dt>Given to peers</dt>
            <dd>{bytesText(bytes.toPeers)}</dd>
          </div>
          <div>
            <dt>Peers now</dt>
            <dd>{peers}</dd>
          </div>
        </dl>
        <label>
          <input
            type="checkbox"
            checked={seeding}
            onChange={({ currentTarget }) => reader.seed(currentTarget.checked)}
          />{' '}
          Share with others while this page is open
        </label>
      </div>
      {refusedPieces > 0 && (
        <Notice kind="bad">
          {countText(refusedPieces, 'piece')} came altered and {refusedPieces === 1 ? 'was' : 'were'} thrown away.
          Nothing of it is shown.
          <ul>{incidents.map((event, index) => incident(event, index))}</ul>
        </Notice>
      )}
    </>
  )
}

function incident(event: SwarmEvent, key: number): JSX.Element | undefined {
  if (event.kind !== 'piece-refused') return undefined
  return (
    <li key={key}>
      Piece {event.piece} from {event.from === '' ? 'several at once' : event.from}
    </li>
  )
}
