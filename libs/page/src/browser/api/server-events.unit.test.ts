import { array, assert, asyncProperty, constantFrom, nat } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamError, readServerEvents } from './server-events.ts'
import type { ServerEvent } from './server-events.ts'

async function read(...chunks: string[]): Promise<ServerEvent[]> {
  return Array.fromAsync(readServerEvents(stream(chunks)))
}

async function* stream(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks
}

describe('server-sent events', () => {
  it('end with an empty line, and keep the last id', async () => {
    const text =
      ': hello\n\nid: 4\nevent: ArchiveCreated\ndata: {"a":\ndata: 1}\n\ndata:x\n\nevent: unfinished\ndata: y'
    expect(await read(text)).toEqual([
      { id: '4', name: 'ArchiveCreated', data: '{"a":\n1}' },
      { id: '4', name: 'message', data: 'x' },
    ])
  })

  it('are the same however the stream is cut, and whatever ends its lines', async () => {
    const lines = ['id: 7', 'event: A', 'data: {"text": "ä: b"}', '', 'data', '', ': beat', 'data: z', '', '']
    await assert(
      asyncProperty(constantFrom('\n', '\r\n', '\r'), array(nat(60), { maxLength: 10 }), async (end, cuts) => {
        const text = `${lines.join(end)}${end}`
        const chunks: string[] = []
        let at = 0
        for (const cut of cuts.sort((a, b) => a - b)) {
          chunks.push(text.slice(at, cut))
          at = Math.max(at, cut)
        }
        expect(await read(...chunks, text.slice(at))).toEqual(await read(`${lines.join('\n')}\n`))
      }),
    )
  })

  it('have an end somewhere', async () => {
    await expect(read('x'.repeat(5_000_000))).rejects.toThrow(EventStreamError)
  })
})
