import type { ImportRecord } from './import-record.ts'
import { maxRecordBytes } from './import-record.ts'
import { BadRecordError, ExportFileError } from './import-errors.ts'
import type { DiscordChannel } from './parse-discord-message.ts'
import { parseDiscordChannel, parseDiscordMessage } from './parse-discord-message.ts'
import { parseJson } from './parse-json.ts'
import { parseNdjsonRecord } from './parse-ndjson-record.ts'
import type { SplitValue } from './split-export.ts'
import { ExportSplitter, SplitError } from './split-export.ts'
import type { Line } from './split-lines.ts'
import { LineSplitter } from './split-lines.ts'

/** What came out of a part of an export. */
export interface Decoded {
  readonly records: ImportRecord[]
  readonly setAside: BadRecordError[]
}

/** Turns the bytes of an export, as they come, into records. */
export interface ExportDecoder {
  push(chunk: Uint8Array): Decoded
  /** What is left. @throws ExportFileError if the export is not complete */
  end(): Decoded
}

const byteOrderMark = [0xef, 0xbb, 0xbf]
const tooLong = `it is longer than ${maxRecordBytes} bytes or nested too deep`

/**
 * The decoder for a file, by its first bytes: an object that begins with `guild` or `channel` (an object) or
 * `messages` is DiscordChatExporter's JSON, everything else is NDJSON.
 */
export function decoderFor(file: string, head: Uint8Array): ExportDecoder {
  const text = new TextDecoder().decode(head.subarray(0, 1024)).trimStart()
  return /^\{\s*"(guild"\s*:|channel"\s*:\s*\{|messages"\s*:|dateRange"\s*:|exportedAt"\s*:)/.test(text)
    ? new DiscordDecoder(file)
    : new NdjsonDecoder(file)
}

export class NdjsonDecoder implements ExportDecoder {
  readonly #file: string
  readonly #splitter = new LineSplitter(maxRecordBytes)

  constructor(file: string) {
    this.#file = file
  }

  push(chunk: Uint8Array): Decoded {
    return this.#decode(this.#splitter.push(chunk))
  }

  end(): Decoded {
    return this.#decode(this.#splitter.end())
  }

  #decode(lines: readonly Line[]): Decoded {
    const decoded: Decoded = { records: [], setAside: [] }
    for (const { number, bytes } of lines) {
      const line = bytes === undefined ? undefined : trimLine(number === 1 ? withoutMark(bytes) : bytes)
      if (line?.length === 0) continue
      const record = line === undefined ? tooLong : parseNdjsonRecord(line)
      if (typeof record === 'string') decoded.setAside.push(new BadRecordError(this.#file, `line ${number}`, record))
      else decoded.records.push(record)
    }
    return decoded
  }
}

export class DiscordDecoder implements ExportDecoder {
  readonly #file: string
  readonly #splitter = new ExportSplitter({ members: ['channel'], list: 'messages', maxValueBytes: maxRecordBytes })
  #channel: DiscordChannel | undefined
  #begun = false

  constructor(file: string) {
    this.#file = file
  }

  push(chunk: Uint8Array): Decoded {
    const bytes = this.#begun ? chunk : withoutMark(chunk)
    this.#begun ||= chunk.length > 0
    try {
      return this.#decode(this.#splitter.push(bytes))
    } catch (error) {
      throw this.#fileError(error)
    }
  }

  end(): Decoded {
    try {
      this.#splitter.end()
    } catch (error) {
      throw this.#fileError(error)
    }
    return { records: [], setAside: [] }
  }

  #decode(values: readonly SplitValue[]): Decoded {
    const decoded: Decoded = { records: [], setAside: [] }
    for (const value of values) {
      if (value.member === 'channel') {
        this.#channel = this.#readChannel(value)
        continue
      }
      const record = this.#readMessage(value)
      if (typeof record !== 'string') decoded.records.push(record)
      else {
        const place = `message ${(value.index ?? 0) + 1} (byte ${value.offsetBytes})`
        decoded.setAside.push(new BadRecordError(this.#file, place, record))
      }
    }
    return decoded
  }

  #readChannel(value: SplitValue): DiscordChannel {
    const parsed = value.bytes && parseJson(value.bytes)
    const channel = parsed?.ok ? parseDiscordChannel(parsed.value) : '"channel" is not JSON'
    if (typeof channel === 'string') throw new ExportFileError(this.#file, `${channel}; export the channel again`)
    return channel
  }

  #readMessage(value: SplitValue): ImportRecord | string {
    if (this.#channel === undefined)
      throw new ExportFileError(this.#file, '"channel" must stand before "messages"; export the channel again')
    if (value.bytes === undefined) return tooLong
    const parsed = parseJson(value.bytes)
    return parsed.ok ? parseDiscordMessage(parsed.value, this.#channel) : parsed.problem
  }

  #fileError(error: unknown): unknown {
    if (!(error instanceof SplitError)) return error
    const problem = `${error.message} (byte ${error.offsetBytes}); what came before is used, export the channel again for the rest`
    return new ExportFileError(this.#file, problem, { cause: error })
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return byteOrderMark.every((byte, i) => bytes[i] === byte) ? bytes.subarray(3) : bytes
}

function trimLine(line: Uint8Array): Uint8Array {
  let [start, end] = [0, line.length]
  while (start < end && (line[start] as number) <= 0x20) start++
  while (end > start && (line[end - 1] as number) <= 0x20) end--
  return line.subarray(start, end)
}
