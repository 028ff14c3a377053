import { InsecureContextError } from '../errors.ts'
import { parseLink } from '../link/parse-link.ts'
import { ReaderSession } from './reader-session.ts'
import type { OpenReaderOptions, Reader, ReaderLimits } from './reader.ts'

const defaultLimits: ReaderLimits = { stallSeconds: 30, peersFirstSeconds: 3, maxLoadedMessages: 500_000 }

/**
 * Begins to read a community's history: resolves the link, checks who vouches for it, and brings the index. Answers at once;
 * `opened` says when that is done.
 * @throws ReaderLinkError, InsecureContextError
 */
export function openReader(options: OpenReaderOptions): Reader {
  if (globalThis.crypto?.subtle === undefined) throw new InsecureContextError()
  return new ReaderSession({
    ...options,
    link: parseLink(options.link),
    limits: { ...defaultLimits, ...options.limits },
  })
}
