import { decodeMagnetLink, isCommunityIdText, MagnetLinkError, type MagnetLink } from '@annals/archive'
import { ReaderLinkError } from '../errors.ts'

/** What a person pasted, or followed. */
export type ReaderLink =
  /** Whoever gave it vouches for it: nothing in it is signed. */
  | { readonly kind: 'magnet'; readonly magnetLink: MagnetLink; readonly communityId: string | undefined }
  /** Where a node says what it has of a community; the announcement there is signed. */
  | { readonly kind: 'public'; readonly apiUrl: string; readonly communityId: string }

const communityIdPattern = /0x0[23][0-9a-f]{64}/i

/**
 * Reads a magnet link, or any http or https address with a community's id in its path or fragment: on that host the
 * public interface is asked. A query is not looked at.
 * @throws ReaderLinkError
 */
export function parseLink(text: string): ReaderLink {
  const link = text.trim()
  if (/^magnet:/i.test(link)) return readMagnet(link)
  const url = URL.parse(link)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new ReaderLinkError(link, 'it is neither a magnet link nor an address')
  if (url.username !== '' || url.password !== '')
    throw new ReaderLinkError(link.replace(/\/\/[^/]*@/, '//'), 'an address with a user name in it is not followed')
  const communityId = communityIdPattern.exec(url.pathname + url.hash)?.[0].toLowerCase()
  if (communityId === undefined) throw new ReaderLinkError(link, 'there is no community id in the address')
  return { kind: 'public', apiUrl: `${url.origin}/api/v1/public/communities/${communityId}`, communityId }
}

function readMagnet(link: string): ReaderLink {
  try {
    const magnetLink = decodeMagnetLink(link)
    const { displayName } = magnetLink
    const communityId = displayName !== undefined && isCommunityIdText(displayName) ? displayName : undefined
    return { kind: 'magnet', magnetLink, communityId }
  } catch (cause) {
    if (cause instanceof MagnetLinkError) throw new ReaderLinkError(link, cause.message, { cause })
    throw cause
  }
}
