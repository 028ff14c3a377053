export { archiveId } from './archive-entry.ts'
export type { ArchiveEntry } from './archive-entry.ts'
export { maxContentTopics } from './archive-metadata.ts'
export type { ArchiveMetadata } from './archive-metadata.ts'
export { checkIndex } from './check-index.ts'
export type { CheckedIndex } from './check-index.ts'
export { checkMessage } from './check-message.ts'
export { isCommunityIdText } from './community-id.ts'
export { decodeArchive } from './decode-archive.ts'
export type { DecodeArchiveOptions, DecodedArchive, RejectedMessage } from './decode-archive.ts'
export { decodeIndex, maxIndexEntries } from './decode-index.ts'
export type { DecodedIndex, RejectedEntry } from './decode-index.ts'
export { encodeIndex } from './encode-index.ts'
export {
  ArchiveIdMismatchError,
  BeyondDataError,
  InvalidArchiveIdError,
  InvalidContentTopicError,
  InvalidEntryRangeError,
  InvalidPaddingError,
  MisalignedEntryError,
  OverlapError,
} from './entry-errors.ts'
export {
  ArchiveError,
  BeyondRangeError,
  EncryptedError,
  InvalidMessageError,
  InvalidOffsetError,
  InvalidRangeError,
  InvalidTextError,
  LimitError,
  MalformedWireError,
  MissingMetadataError,
  OutOfOrderError,
  TruncatedError,
  UnsafeIntegerError,
} from './errors.ts'
export { decodeMagnetLink, encodeMagnetLink, isPeer } from './magnet-link.ts'
export type { MagnetLink, MagnetLinkParts } from './magnet-link.ts'
export { partitionOf } from './partition-of.ts'
export type { Partition, PartitionedRange } from './partition-of.ts'
export { indexPieceHashes } from './piece-hashes.ts'
export { paddedSizeBytes, pieceHashBytes, pieceLengthBytes } from './pieces.ts'
export { maxArchiveMessageBytes, maxArchiveMessages, maxEncodedArchiveBytes, sealArchives } from './seal-archives.ts'
export { SealBuffer } from './seal-buffer.ts'
export type { LeftOutMessage, Sealed, SealedArchive, SealOptions } from './seal-archives.ts'
export { sha1 } from './sha1.ts'
export type { Sha1 } from './sha1.ts'
export { BencodeError, MagnetLinkError, TorrentFileError, TorrentInfoError } from './torrent-errors.ts'
export type { TorrentInfoField } from './torrent-errors.ts'
export { decodeTorrentFile, encodeTorrentFile } from './torrent-file.ts'
export type { TorrentFile } from './torrent-file.ts'
export { decodeInfo, defaultInfoLimits, encodeInfo, infoHash } from './torrent-info.ts'
export type { InfoLimits, TorrentInfo, TorrentInfoFields } from './torrent-info.ts'
export type { WakuMessage } from './waku-message.ts'
