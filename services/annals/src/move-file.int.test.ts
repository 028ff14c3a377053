import type { MoveOutResponse } from '@annals/proto/api/v1'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@annals/service/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { UsageError } from './cli-errors.ts'
import { readHandover, readPending, writeMoveFile } from './move-file.ts'

const communityId = `0x02${'ab'.repeat(32)}`
const handover = {
  communityId,
  name: 'C',
  chats: [{ channelId: 'general', name: 'General' }],
  lastArchivedEnd: 7,
  infoHash: '',
  magnetLink: '',
  clockMilliseconds: 5,
  announcement: Buffer.alloc(0),
  sealedKeys: Buffer.from('sealed'),
}
const messages = [1, 2, 3].map((time) => {
  const { sig, hash, topic, payload, padding, ...rest } = messageOf(communityId, time)
  const [a, b, c, d, e] = [sig, hash, topic, payload, padding].map((bytes) => Buffer.from(bytes))
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) throw new Error()
  return { ...rest, sig: a, hash: b, topic: c, payload: d, padding: e }
})

async function* parts(fail = false): AsyncGenerator<MoveOutResponse> {
  yield { handover }
  yield { pending: { messages: messages.slice(0, 2) } }
  if (fail) throw new RangeError('cut off')
  yield { pending: { messages: messages.slice(2) } }
}

const newFile = async (): Promise<string> => join(await temporaryFolder('move'), 'move.json')
const refusal = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

describe('the file that a community moves with', () => {
  it('comes back as it was written, and is for this user alone', async () => {
    const file = await newFile()
    expect(await writeMoveFile(file, parts())).toBe(3)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readHandover(file)).toEqual(handover)
    expect((await Array.fromAsync(readPending(file))).flat()).toEqual(messages)
    expect(await refusal(writeMoveFile(file, parts()))).toBeInstanceOf(UsageError)
  })

  it('is not there where what it is to hold did not come whole', async () => {
    const file = await newFile()
    expect(await refusal(writeMoveFile(file, parts(true)))).toBeInstanceOf(RangeError)
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is refused wherever it was cut off, and where it is another file', async () => {
    const file = await newFile()
    await writeMoveFile(file, parts())
    const whole = await readFile(file, 'utf8')
    const lines = whole.split('\n').slice(0, -1)
    const texts = [
      ...lines.map((_, at) => lines.slice(0, at).join('\n')),
      whole.slice(0, -10),
      '{"format":"annals-group-keys-1"}\n',
      'no JSON\n',
    ]
    for (const text of texts) {
      await writeFile(file, text)
      expect(await refusal(readHandover(file))).toBeInstanceOf(UsageError)
    }
    expect(await refusal(readHandover(`${file}.missing`))).toBeInstanceOf(UsageError)
  })
})
