import type { JSX } from 'preact'
import type { ReaderState } from '@annals/reader'
import { timeText } from '../parts/words.ts'

/** Who vouches for what is read. */
export function SignatureLine({ state: { signature, communityId } }: { readonly state: ReaderState }): JSX.Element {
  return (
    <p class="vouched">
      {signature === undefined ? (
        <span class="quiet">Who vouches for it is not known yet.</span>
      ) : signature.kind === 'signed' ? (
        <span class="good">
          Signed by the community, {timeText(Math.floor(signature.clockMilliseconds / 1000))}. Every piece is checked.
        </span>
      ) : (
        <span class="wait">
          Not signed: whoever gave you the link vouches that it is the community’s. Every piece is checked against the
          link.
        </span>
      )}
      {communityId !== undefined && (
        <span class="id">
          <small>Community id</small> <code>{communityId}</code>
        </span>
      )}
    </p>
  )
}
