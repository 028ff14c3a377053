import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { WantedKeyDocument } from '@annals/storage'
import { checkIndex, decodeIndex } from '@annals/archive'
import { UnusableIndexError } from './errors.ts'

export type ReadIndex =
  | { readonly entries: readonly ArchiveEntry[]; readonly encrypted: boolean }
  /** Nobody can read it before this key is here. */
  | { readonly waitsForKey: WantedKeyDocument }

/**
 * The usable entries of an index as it stands in the torrent, decrypted where its structure says that it is encrypted.
 * @throws UnusableIndexError, ArchiveError
 */
export async function readIndex(
  context: ServiceContext,
  communityId: string,
  index: Uint8Array,
  dataBytes: number,
): Promise<ReadIndex> {
  const opened = await context.keys.cipher.open(communityId, index)
  if (opened.kind === 'key-missing') return { waitsForKey: opened.wanted }
  if (opened.kind === 'refused') throw new UnusableIndexError(communityId, index.length, { cause: opened.error })
  const decoded = decodeIndex(opened.plain)
  const checked = checkIndex(decoded.entries, dataBytes)
  for (const rejected of [...decoded.rejected, ...checked.rejected])
    context.log.warn({ communityId, ...rejected }, 'an entry of the index cannot be used and is left alone')
  if (checked.entries.length === 0) throw new UnusableIndexError(communityId, index.length)
  return { entries: checked.entries, encrypted: opened.encrypted }
}
