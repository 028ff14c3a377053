import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Decoded, ExportDecoder } from './export-decoder.ts'
import { decoderFor } from './export-decoder.ts'
import { ExportFileError } from './import-errors.ts'

/** A part of an export. */
export interface ExportBatch extends Decoded {
  readonly file: string
  /** How much of the file is read by now: bytes on the disk, before they are unpacked. */
  readonly readBytes: number
}

export interface ExportFile {
  readonly file: string
  readonly sizeBytes: number
}

const exportName = /\.(json|ndjson|jsonl)(\.gz)?$/i

/**
 * The files that a path stands for: itself, or the exports right inside a folder by name (`.json`, `.ndjson`, `.jsonl`,
 * also with `.gz`), in the order of their names.
 * @throws ExportFileError if there is nothing to read
 */
export async function listExportFiles(path: string): Promise<ExportFile[]> {
  try {
    const info = await stat(path)
    if (!info.isDirectory()) return [{ file: path, sizeBytes: info.size }]
    const files: ExportFile[] = []
    for (const name of (await readdir(path)).filter((each) => exportName.test(each)).sort()) {
      const each = await stat(join(path, name))
      if (each.isFile()) files.push({ file: join(path, name), sizeBytes: each.size })
    }
    if (files.length > 0) return files
  } catch (error) {
    throw new ExportFileError(path, 'it cannot be read; check the path and who may read it', { cause: error })
  }
  throw new ExportFileError(path, 'the folder holds no .json, .ndjson or .jsonl file')
}

/**
 * Reads an export, plain or gzipped, in batches; memory does not grow with the file.
 * @throws ExportFileError when the file cannot be read, is cut off or is no export; batches given before that stand
 */
export async function* readExport(file: string, signal?: AbortSignal): AsyncIterable<ExportBatch> {
  const raw = createReadStream(file, { highWaterMark: 256 * 1024, signal })
  let decoder: ExportDecoder | undefined
  const batch = (decoded: Decoded): ExportBatch => ({ ...decoded, file, readBytes: raw.bytesRead })
  try {
    for await (const chunk of unpacked(raw)) {
      decoder ??= decoderFor(file, chunk)
      yield batch(decoder.push(chunk))
    }
    if (decoder === undefined) throw new ExportFileError(file, 'it is empty')
    yield batch(decoder.end())
  } catch (error) {
    if (error instanceof ExportFileError || signal?.aborted) throw error
    throw new ExportFileError(file, 'it cannot be read or unpacked to its end; get the file again', { cause: error })
  } finally {
    raw.destroy()
  }
}

/** The stream's bytes, unpacked if they begin as gzip does. */
async function* unpacked(raw: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  const chunks = (raw as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done) return
  const rest = async function* (): AsyncIterable<Uint8Array> {
    yield first.value
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  const packed = first.value[0] === 0x1f && first.value[1] === 0x8b
  if (packed)
    yield* pipeline(rest, createGunzip({ chunkSize: 256 * 1024 }), () => undefined) as AsyncIterable<Uint8Array>
  else yield* rest()
}
