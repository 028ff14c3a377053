import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { MoveOutResponse, WakuMessage } from '@annals/proto/api/v1'
import { Handover, PendingMessages } from '@annals/proto/api/v1'
import { UsageError } from './cli-errors.ts'
import { writeNewFile } from './write-secret.ts'

/*
 * A line of JSON each: what the file is, the handover, messages in parts, and how many there were. Without the last line it
 * was cut off.
 */
const format = 'annals-move-1'

/**
 * Writes what a community moves with into a new file for this user alone, durably.
 * @returns how many messages are in it
 * @throws UsageError, and what the parts throw; no file is left then
 */
export function writeMoveFile(path: string, parts: AsyncIterable<MoveOutResponse>): Promise<number> {
  return writeNewFile(path, async (file) => {
    let messages = 0
    await writeLine(file, { format })
    for await (const { handover, pending } of parts) {
      if (handover !== undefined) await writeLine(file, { handover: base64(Handover.encode(handover).finish()) })
      if (pending === undefined) continue
      messages += pending.messages.length
      await writeLine(file, { messages: base64(PendingMessages.encode(pending).finish()) })
    }
    await writeLine(file, { end: messages })
    return messages
  })
}

/** @throws UsageError for a file that is none of them, or that was cut off */
export async function readHandover(path: string): Promise<Handover> {
  let handover: Handover | undefined
  let [seen, told] = [0, -1]
  for await (const line of linesOf(path)) {
    if (line.handover !== undefined) handover = Handover.decode(line.handover)
    if (line.messages !== undefined) seen += PendingMessages.decode(line.messages).messages.length
    if (line.end !== undefined) told = line.end
  }
  if (handover === undefined || seen !== told)
    throw new UsageError(`${path} was cut off: remove it, and run "annals community move out" again`)
  return handover
}

/** The messages that no archive held, in parts. @throws UsageError */
export async function* readPending(path: string): AsyncGenerator<WakuMessage[]> {
  for await (const { messages } of linesOf(path))
    if (messages !== undefined) yield PendingMessages.decode(messages).messages
}

interface Line {
  readonly handover?: Buffer | undefined
  readonly messages?: Buffer | undefined
  readonly end?: number | undefined
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  let first = true
  try {
    for await (const text of createInterface(createReadStream(path))) {
      const { format: found, handover, messages, end } = JSON.parse(text) as Record<string, unknown>
      if (first && found !== format) throw new SyntaxError(`its format is not ${format}`)
      first = false
      yield { handover: bytesOf(handover), messages: bytesOf(messages), end: typeof end === 'number' ? end : undefined }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!(error instanceof SyntaxError) && code === undefined) throw error
    const reason = code === undefined ? 'is none that "annals community move out" wrote, or was cut off' : code
    throw new UsageError(`the file ${path} cannot be read: ${reason}`, { cause: error })
  }
  if (first) throw new UsageError(`the file ${path} is empty`)
}

async function writeLine(file: FileHandle, line: object): Promise<void> {
  await file.writeFile(`${JSON.stringify(line)}\n`)
}

function bytesOf(text: unknown): Buffer | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
