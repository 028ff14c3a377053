/** Archives to be looked at: files of a folder, or a torrent. */
export interface ArchiveSource {
  /** What it is, for people. */
  readonly description: string
  /** Where it is known. */
  readonly communityId: string | undefined
  readonly infoHash: string | undefined
  /** Length of `data`: of the file, or as the torrent says where there is no file. */
  readonly dataBytes: number
  /** SHA-1 of every piece, `data` first, then the index; absent where no torrent is known. */
  readonly pieces: Uint8Array | undefined
  /** What is wrong with it before anything was read, in words. */
  readonly problems: readonly string[]
  /** Absent where there is none. */
  readonly index: Uint8Array | undefined
  /** Bytes of `data`; absent where there is none to read. A range may come up short where the file ends. */
  read: ((offsetBytes: number, sizeBytes: number) => AsyncIterable<Uint8Array>) | undefined
}
