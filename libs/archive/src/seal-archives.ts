import { archiveId, type ArchiveEntry } from './archive-entry.ts'
import { encodeMetadata } from './archive-metadata.ts'
import { checkMessage } from './check-message.ts'
import { encodeMessage } from './encode-message.ts'
import { InvalidOffsetError, OutOfOrderError } from './errors.ts'
import { paddedSizeBytes, pieceHashBytes, pieceLengthBytes } from './pieces.ts'
import { partitionOf, type Partition, type PartitionedRange } from './partition-of.ts'
import type { Sha1 } from './sha1.ts'
import type { WakuMessage } from './waku-message.ts'
import { freshWriter, type SealBuffer } from './seal-buffer.ts'
import type { WireWriter } from './wire-writer.ts'

/** Sum of len(payload) + len(sig) of an archive's messages, at most (formats §2). */
export const maxArchiveMessageBytes = 30_000_000

/**
 * An encoded archive is closed before it grows beyond this, so that messages whose bytes the rule above does not count
 * (padding, ids) cannot fill the memory. No archive of real messages comes near: 30,000,000 bytes of nothing but
 * 65-byte senders and 256 bytes of padding are 173 MB.
 */
export const maxEncodedArchiveBytes = 268_435_456

/**
 * Messages of an archive, at most, in writing and in reading: for the same reason. Every message of the network has a
 * sender of 65 bytes, so that no more than 461,538 of them fit into 30,000,000 bytes.
 */
export const maxArchiveMessages = 1_000_000

export interface SealOptions extends PartitionedRange {
  /** The community's topics, in the order in which they go into the metadata. */
  readonly contentTopics: readonly Uint8Array[]
  /** Where the first new archive starts in `data`: the sum of the sizes of those before. */
  readonly offsetBytes: number
  readonly sha1: Sha1
  /**
   * Called once for each archive, in their order, with its bytes, which are overwritten afterwards. What it answers stands
   * in the torrent instead: padding, size and pieces are those of the encrypted bytes (formats §4).
   */
  readonly encrypt?: (archive: Uint8Array) => Promise<Uint8Array>
  /** For who seals again and again. */
  readonly buffer?: SealBuffer
}

/** An archive that was made, or a message that no archive can hold. */
export type Sealed = SealedArchive | LeftOutMessage

export interface SealedArchive {
  readonly kind: 'archive'
  readonly entry: ArchiveEntry
  /** Without padding. A view that is overwritten by the generator's next step, the last one too: write or copy it before. */
  readonly encoded: Uint8Array
  /** 20 bytes for each piece of the padded archive. */
  readonly pieceHashes: Uint8Array
  readonly messages: number
}

export interface LeftOutMessage {
  readonly kind: 'left-out'
  readonly message: Pick<WakuMessage, 'timestamp' | 'hash'>
  /** len(payload) + len(sig). */
  readonly sizeBytes: number
}

/**
 * Makes archives of messages that come by time: one or more a partition, none without messages, each with the hashes
 * of its pieces. Holds one archive in memory, whatever the range. Messages of one partition stand in the archive in
 * the order in which they come; equal input gives equal bytes.
 * @throws OutOfOrderError, BeyondRangeError, InvalidMessageError, InvalidRangeError, InvalidOffsetError
 */
export async function* sealArchives(
  batches: AsyncIterable<readonly WakuMessage[]> | Iterable<readonly WakuMessage[]>,
  options: SealOptions,
): AsyncGenerator<Sealed, void, undefined> {
  const writer = options.buffer?.take() ?? freshWriter()
  try {
    yield* sealInto(writer, batches, options)
  } finally {
    options.buffer?.giveBack(writer)
  }
}

async function* sealInto(
  writer: WireWriter,
  batches: AsyncIterable<readonly WakuMessage[]> | Iterable<readonly WakuMessage[]>,
  options: SealOptions,
): AsyncGenerator<Sealed, void, undefined> {
  const archive = new OpenArchive(writer, options)
  let last: Partition | undefined
  for await (const batch of batches) {
    // What goes on in the same archive is written in one go; only the message that ends it is looked at here.
    for (let at = archive.add(batch, 0); at < batch.length; at = archive.add(batch, at)) {
      const message = batch[at] as WakuMessage
      const { timestamp, hash } = message
      const partition = partitionOf(options, timestamp)
      if (last !== undefined && partition.from < last.from) throw new OutOfOrderError(timestamp, last.from)
      if (partition.from !== last?.from && archive.messages > 0) yield await archive.close()
      last = partition
      const sizeBytes = countedBytes(message)
      if (sizeBytes > maxArchiveMessageBytes || encodedBytesAtMost(message) > maxEncodedArchiveBytes) {
        yield { kind: 'left-out', message: { timestamp, hash }, sizeBytes }
        at++
      } else {
        if (archive.messages > 0) yield await archive.close()
        archive.open(partition)
      }
    }
  }
  if (archive.messages > 0) yield await archive.close()
}

/** What the rule of 30,000,000 bytes counts. */
function countedBytes(message: WakuMessage): number {
  return message.payload.length + message.sig.length
}

/** No message takes more. 128: topic, hash, time, and the tags and lengths of all fields. */
function encodedBytesAtMost(message: WakuMessage): number {
  return countedBytes(message) + message.padding.length + message.thirdPartyId.length * 3 + 128
}

/** The archive that is being written: its bytes so far, and the hashes of the pieces that are full. */
class OpenArchive {
  readonly #writer: WireWriter
  readonly #contentTopics: readonly Uint8Array[]
  readonly #sha1: Sha1
  readonly #encrypt: SealOptions['encrypt']
  #offsetBytes: number
  /** Nothing falls into it while no archive is open. */
  #partition: Partition = { from: 0, to: 0 }
  #pieceHashes: Uint8Array[] = []
  #messageBytes = 0
  messages = 0

  constructor(writer: WireWriter, options: SealOptions) {
    const { offsetBytes } = options
    if (!Number.isSafeInteger(offsetBytes) || offsetBytes < 0 || offsetBytes % pieceLengthBytes !== 0)
      throw new InvalidOffsetError(offsetBytes)
    this.#writer = writer
    this.#contentTopics = options.contentTopics
    this.#sha1 = options.sha1
    this.#encrypt = options.encrypt
    this.#offsetBytes = offsetBytes
  }

  open(partition: Partition): void {
    this.#writer.reset()
    this.#pieceHashes = []
    this.#messageBytes = 0
    this.#partition = partition
    encodeMetadata(this.#writer, { ...partition, contentTopics: this.#contentTopics })
  }

  /**
   * Adds messages of a batch, from a place in it on, as long as they belong into this archive and find room.
   * @returns the place of the first that was not added, or the batch's length
   */
  add(batch: readonly WakuMessage[], start: number): number {
    const { from, to } = this.#partition
    let at = start
    for (; at < batch.length; at++) {
      const message = batch[at] as WakuMessage
      checkMessage(message)
      if (message.timestamp >= to || message.timestamp < from) break
      const messageBytes = this.#messageBytes + countedBytes(message)
      if (messageBytes > maxArchiveMessageBytes || this.messages === maxArchiveMessages) break
      // Not of the first one, so that each archive gets at least the message it was opened for.
      if (this.messages > 0 && this.#writer.length + encodedBytesAtMost(message) > maxEncodedArchiveBytes) break
      encodeMessage(this.#writer, message)
      this.#messageBytes = messageBytes
      this.messages++
      // At once, while the bytes are still in the processor's cache.
      if (this.#encrypt === undefined) this.#hashFullPieces()
    }
    return at
  }

  async close(): Promise<SealedArchive> {
    if (this.#encrypt !== undefined) await this.#replaceBy(this.#encrypt)
    const rawBytes = this.#writer.length
    const sizeBytes = paddedSizeBytes(rawBytes)
    const paddingBytes = sizeBytes - rawBytes
    this.#writer.reserve(paddingBytes)
    this.#writer.zeros(paddingBytes)
    this.#hashFullPieces()
    const unnamed = {
      ...this.#partition,
      contentTopics: this.#contentTopics,
      offsetBytes: this.#offsetBytes,
      sizeBytes,
      paddingBytes,
    }
    const { messages } = this
    this.#offsetBytes += sizeBytes
    this.#partition = { from: 0, to: 0 }
    this.messages = 0
    return {
      kind: 'archive',
      entry: { id: archiveId(unnamed), ...unnamed },
      encoded: this.#writer.view(0, rawBytes),
      pieceHashes: joinHashes(this.#pieceHashes),
      messages,
    }
  }

  async #replaceBy(encrypt: (archive: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    const encrypted = await encrypt(this.#writer.view())
    this.#writer.reset()
    this.#writer.reserve(encrypted.length)
    this.#writer.raw(encrypted)
  }

  #hashFullPieces(): void {
    for (;;) {
      const start = this.#pieceHashes.length * pieceLengthBytes
      if (this.#writer.length - start < pieceLengthBytes) return
      this.#pieceHashes.push(this.#sha1(this.#writer.view(start, start + pieceLengthBytes)))
    }
  }
}

function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * pieceHashBytes)
  hashes.forEach((hash, i) => joined.set(hash, i * pieceHashBytes))
  return joined
}
