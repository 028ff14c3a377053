import { decodeMagnetLink, MagnetLinkError, type MagnetLink } from '@annals/archive'
import { PublicLinkError } from '../errors.ts'
import { checkAnnouncement, type Signature } from './check-announcement.ts'
import type { ReaderLink } from './parse-link.ts'
import type { AskOptions } from './public-community.ts'
import { fetchPublicCommunity } from './public-community.ts'

/** Of a kind: a link that names more is none that anybody made in good faith. */
const maxSources = 16

/** All that is known of a torrent before a byte of it is here. */
export interface ResolvedLink {
  readonly infoHash: string
  /** `undefined` where a magnet link does not say; the torrent's own name is believed then. */
  readonly communityId: string | undefined
  /** The community's, as the node says; empty where it does not. */
  readonly name: string
  readonly signature: Signature
  readonly webSeeds: readonly string[]
  /** Those that a browser can talk to. */
  readonly trackers: readonly string[]
  readonly channelNames: ReadonlyMap<string, string>
}

/**
 * Finds out what is behind a link and who vouches for it.
 * @throws PublicLinkError, AnnouncementRefusedError
 */
export async function resolveLink(link: ReaderLink, options: AskOptions): Promise<ResolvedLink> {
  if (link.kind === 'magnet') {
    const { magnetLink, communityId } = link
    return {
      infoHash: magnetLink.infoHash,
      communityId,
      name: '',
      signature: { kind: 'not-signed' },
      channelNames: new Map(),
      ...sources(magnetLink, [], []),
    }
  }
  const { apiUrl, communityId } = link
  const found = await fetchPublicCommunity(apiUrl, options)
  if (found.communityId !== '' && found.communityId !== communityId)
    throw new PublicLinkError(apiUrl, 200, 'the answer is about another community')
  const magnetLink = readMagnet(apiUrl, found.magnetLink)
  const { infoHash } = magnetLink
  return {
    infoHash,
    communityId,
    name: found.name,
    // A community that was archived and not announced yet has none; then the node alone vouches.
    signature:
      found.announcement.length === 0
        ? { kind: 'not-signed' }
        : checkAnnouncement(found.announcement, { communityId, infoHash }),
    channelNames: new Map(found.channels.map(({ channelId, name }) => [channelId, name])),
    ...sources(magnetLink, found.webSeeds, found.trackers),
  }
}

/** Where bytes come from need not be signed: every one of them is checked. */
function sources(
  link: MagnetLink,
  webSeeds: readonly string[],
  trackers: readonly string[],
): Pick<ResolvedLink, 'webSeeds' | 'trackers'> {
  return {
    webSeeds: usable([...link.webSeeds, ...webSeeds], ['http:', 'https:']),
    trackers: usable([...link.trackers, ...trackers], ['ws:', 'wss:']),
  }
}

function usable(addresses: readonly string[], schemes: readonly string[]): string[] {
  const known = addresses.filter((address) => schemes.includes(URL.parse(address)?.protocol ?? ''))
  return [...new Set(known)].slice(0, maxSources)
}

function readMagnet(apiUrl: string, text: string): MagnetLink {
  try {
    return decodeMagnetLink(text)
  } catch (cause) {
    if (cause instanceof MagnetLinkError) throw new PublicLinkError(apiUrl, 200, cause.message, { cause })
    throw cause
  }
}
