import { constants } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pieceLengthBytes } from '@annals/archive'
import { DamagedPieceError, DiskError } from '../errors.ts'
import type { DiskContext } from './disk-context.ts'

const readWrite = constants.O_RDWR | constants.O_CREAT
/** Bytes of one record in `pieces`. */
const hashBytes = 20
const nothing = Buffer.alloc(hashBytes)

interface Commit {
  readonly piece: number
  readonly hash: Uint8Array
  readonly done: (error?: unknown) => void
}

/**
 * One append-only history of a community: its `data`, and beside it `pieces`, the SHA-1 of each piece of `data` that
 * has been checked and is durable (20 bytes a piece, zeros where the piece is not here). Any number of torrents whose
 * piece hashes agree share it.
 *
 * Order of effects: bytes into `data`, fdatasync, record in `pieces`. So a record never speaks of bytes that a crash
 * could take away; a lost record only costs fetching the piece again. Writers that come together share one sync.
 *
 * A record is believed until the piece is first read after the start: then, once, the piece is hashed. One that is
 * damaged is forgotten before a byte of it is handed out.
 */
export class Lineage {
  readonly number: number
  readonly folder: string
  /** Stores and fetches under way; while there are any, the folder stays. */
  users = 0

  readonly #context: DiskContext
  readonly #dataPath: string
  readonly #piecesPath: string
  /** Zeros behind the last record. */
  #hashes: Buffer<ArrayBuffer> = Buffer.alloc(0)
  /** 1 for a piece whose bytes were hashed since the start. */
  #checked = new Uint8Array(0)
  readonly #checking = new Map<number, Promise<Buffer>>()
  #commits: Commit[] = []
  #committing = false
  readonly #listeners = new Set<(piece: number, here: boolean) => void>()

  private constructor(folder: string, number: number, context: DiskContext) {
    this.folder = folder
    this.number = number
    this.#context = context
    this.#dataPath = join(folder, 'data')
    this.#piecesPath = join(folder, 'pieces')
  }

  /**
   * Reads what has been recorded. Records of pieces that lie behind the end of `data` are dropped: somebody cut it.
   * @throws DiskError
   */
  static async load(folder: string, number: number, context: DiskContext): Promise<Lineage> {
    const lineage = new Lineage(folder, number, context)
    const recorded = await context.pool.use(lineage.#piecesPath, readWrite, (file) => file.readFile())
    const dataBytes = await sizeOf(lineage.#dataPath)
    const inData = Math.floor(dataBytes / pieceLengthBytes)
    const count = Math.floor(recorded.length / hashBytes)
    lineage.#grow(count)
    recorded.copy(lineage.#hashes, 0, 0, Math.min(count, inData) * hashBytes)
    if (count > inData && !isZero(recorded.subarray(inData * hashBytes, count * hashBytes))) {
      context.log.warn(
        { path: lineage.#dataPath, sizeBytes: dataBytes, piecesRecorded: count },
        'data is shorter than recorded: the pieces behind its end have to be stored or fetched again',
      )
      await lineage.#writeRecords(inData, Buffer.alloc((count - inData) * hashBytes))
    }
    return lineage
  }

  /** True if the piece is here and has this hash. */
  holds(piece: number, hash: Uint8Array): boolean {
    const start = piece * hashBytes
    return (
      start + hashBytes <= this.#hashes.length &&
      this.#hashes.compare(hash, 0, hashBytes, start, start + hashBytes) === 0
    )
  }

  /** True if the pieces from 0 on are all here and have these hashes (20 bytes each). */
  holdsAll(hashes: Uint8Array): boolean {
    return (
      hashes.length <= this.#hashes.length && this.#hashes.compare(hashes, 0, hashes.length, 0, hashes.length) === 0
    )
  }

  /**
   * Pieces that are here with another hash than the given ones say, and how many agree. A record is only believed to
   * contradict if the piece on disk really has the recorded hash; a torn record is forgotten.
   */
  async compare(hashes: Uint8Array): Promise<{ agreeing: number; contradicts: boolean }> {
    let agreeing = 0
    const count = Math.min(hashes.length, this.#hashes.length) / hashBytes
    for (let piece = 0; piece < count; piece += 1) {
      const expected = hashes.subarray(piece * hashBytes, (piece + 1) * hashBytes)
      if (this.holds(piece, expected)) agreeing += 1
      else if (!this.#isEmpty(piece) && (await this.#isSound(piece))) return { agreeing, contradicts: true }
    }
    return { agreeing, contradicts: false }
  }

  /**
   * Puts a piece that has been checked in its place; resolves once it is durable and recorded.
   * @throws DiskError
   */
  async write(piece: number, bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    await this.#context.pool.use(this.#dataPath, readWrite, (file) => writeAll(file, bytes, piece * pieceLengthBytes))
    await new Promise<void>((resolve, reject) => {
      this.#commits.push({ piece, hash, done: (error) => (error === undefined ? resolve() : reject(error)) })
      if (!this.#committing) void this.#commitAll()
    })
    this.#checked[piece] = 1
    for (const listener of this.#listeners) listener(piece, true)
  }

  /**
   * Bytes of a piece that is here.
   * @throws DamagedPieceError at the first reading after the start, if the piece is not what was recorded; DiskError
   */
  async read(piece: number, offsetBytes: number, sizeBytes: number): Promise<Buffer> {
    if (this.#checked[piece] !== 1) return (await this.#check(piece)).subarray(offsetBytes, offsetBytes + sizeBytes)
    return this.#readData(piece, offsetBytes, sizeBytes)
  }

  /** Makes the records durable too, so that not even a power failure makes the pieces be fetched again. */
  async sync(): Promise<void> {
    await this.#context.pool.use(this.#piecesPath, readWrite, (file) => file.datasync())
  }

  /** Calls back when a piece comes to be here, or is found damaged. Answers what stops it. */
  listen(listener: (piece: number, here: boolean) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #commitAll(): Promise<void> {
    this.#committing = true
    while (this.#commits.length > 0) {
      const batch = this.#commits.splice(0).sort((a, b) => a.piece - b.piece)
      try {
        await this.#context.pool.use(this.#dataPath, readWrite, (file) => file.datasync())
        for (const run of runsOf(batch)) await this.#writeRecords(run.piece, run.hashes)
        for (const commit of batch) commit.done()
      } catch (error) {
        for (const commit of batch) commit.done(error)
      }
    }
    this.#committing = false
  }

  async #writeRecords(firstPiece: number, hashes: Buffer): Promise<void> {
    await this.#context.pool.use(this.#piecesPath, readWrite, (file) => writeAll(file, hashes, firstPiece * hashBytes))
    this.#grow(firstPiece + hashes.length / hashBytes)
    hashes.copy(this.#hashes, firstPiece * hashBytes)
  }

  /** Reads and hashes a whole piece, once for all who ask at the same time. */
  #check(piece: number): Promise<Buffer> {
    let check = this.#checking.get(piece)
    if (!check) {
      check = this.#readAndHash(piece).finally(() => this.#checking.delete(piece))
      this.#checking.set(piece, check)
    }
    return check
  }

  async #readAndHash(piece: number): Promise<Buffer> {
    const bytes = await this.#readData(piece, 0, pieceLengthBytes).catch((error: unknown) => {
      if (error instanceof ShortReadError) return Buffer.alloc(0)
      throw error
    })
    if (this.#checked[piece] === 1) return bytes
    if (bytes.length === pieceLengthBytes && this.holds(piece, this.#context.sha1(bytes))) {
      this.#checked[piece] = 1
      return bytes
    }
    await this.#forget(piece)
    throw new DamagedPieceError(this.#dataPath, piece)
  }

  async #isSound(piece: number): Promise<boolean> {
    if (this.#checked[piece] === 1) return true
    try {
      await this.#check(piece)
      return true
    } catch (error) {
      if (error instanceof DamagedPieceError) return false
      throw error
    }
  }

  async #forget(piece: number): Promise<void> {
    this.#context.log.warn({ path: this.#dataPath, piece }, 'a piece is damaged on disk and has been forgotten')
    await this.#writeRecords(piece, nothing)
    for (const listener of this.#listeners) listener(piece, false)
  }

  #isEmpty(piece: number): boolean {
    return this.holds(piece, nothing)
  }

  #readData(piece: number, offsetBytes: number, sizeBytes: number): Promise<Buffer> {
    return this.#context.pool.use(this.#dataPath, readWrite, async (file) => {
      const bytes = Buffer.allocUnsafe(sizeBytes)
      const { bytesRead } = await file.read(bytes, 0, sizeBytes, piece * pieceLengthBytes + offsetBytes)
      if (bytesRead !== sizeBytes) throw new ShortReadError(this.#dataPath, new Error('shorter than recorded'))
      return bytes
    })
  }

  #grow(pieces: number): void {
    if (pieces * hashBytes <= this.#hashes.length) return
    // By half more at a time, so that appending piece by piece does not copy everything each time.
    const capacity = Math.max(pieces, Math.ceil(this.#checked.length * 1.5))
    const hashes = Buffer.alloc(capacity * hashBytes)
    this.#hashes.copy(hashes)
    this.#hashes = hashes
    const checked = new Uint8Array(capacity)
    checked.set(this.#checked)
    this.#checked = checked
  }
}

class ShortReadError extends DiskError {}

interface Run {
  piece: number
  hashes: Buffer
}

/** Neighbouring records are written at once. */
function runsOf(commits: readonly Commit[]): Run[] {
  const runs: { piece: number; hashes: Uint8Array[] }[] = []
  for (const { piece, hash } of commits) {
    const last = runs.at(-1)
    if (last && last.piece + last.hashes.length === piece) last.hashes.push(hash)
    else runs.push({ piece, hashes: [hash] })
  }
  return runs.map(({ piece, hashes }) => ({ piece, hashes: Buffer.concat(hashes) }))
}

interface Writable {
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
}

/** A single write may take only part of the bytes. */
async function writeAll(file: Writable, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw new DiskError(path, error)
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
