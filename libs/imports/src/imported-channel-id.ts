import { createHash } from 'node:crypto'

/** The name space of these ids, in the sense of RFC 9562: any fixed UUID that nobody else uses. */
const nameSpace = Buffer.from('5b0ff5f1c2f54d0c9f5e1a9d6f0c7a3e', 'hex')

/**
 * The channel id that a source's channel has in a community: a UUID of version 5 (RFC 9562) over both, so every import
 * of the same channel goes to the same chat. (status-go draws one at random, and so cannot import a channel twice.)
 */
export function importedChannelId(communityId: string, sourceChannelId: string): string {
  const hash = createHash('sha1').update(nameSpace).update(`${communityId}/${sourceChannelId}`).digest()
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x50
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
