import { beforeAll, describe, expect, it } from 'vitest'
import { ServerNotOursError } from './errors.ts'
import { startWaku } from './start-waku.ts'
import type { WakuServer } from './start-waku.ts'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from './testing/index.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const topic = encodeURIComponent('/waku/2/rs/16/32')
const contentTopic = '/waku/1/0x00000001/rfc26'

async function publish({ url }: WakuServer, text: string): Promise<number> {
  const message = { payload: btoa(text), contentTopic, version: 1 }
  const body = JSON.stringify({ ...message, timestamp: 0 }).replace(':0}', `:${Date.now()}000000}`)
  return (await fetch(`${url}/relay/v1/messages/${topic}`, { method: 'POST', body })).status
}

async function stored({ url }: WakuServer): Promise<string[]> {
  const answer = await fetch(`${url}/store/v3/messages?includeData=true`)
  const { messages } = (await answer.json()) as { messages: { message: { payload: string } }[] }
  return messages.map(({ message }) => atob(message.payload))
}

/** Publishes until the other node has it: a node joins its neighbours' mesh a moment after the link. */
async function untilHeard(from: WakuServer, by: WakuServer, text: string): Promise<void> {
  while (!(await stored(by)).includes(text)) await publish(from, text)
}

describe('startWaku', () => {
  it('runs nodes that hear each other over a link that can be cut and healed', async (test) => {
    await using first = await startOrSkip(test, startWaku)
    await using second = await startWaku({ peers: [first.multiaddr] })
    await untilHeard(second, first, 'over the link')
    await first.link.cut('silent')
    expect(await publish(second, 'into the dark')).toBe(200)
    expect(await stored(first)).not.toContain('into the dark')
    await first.link.heal()
    await untilHeard(second, first, 'after it')
  })

  it('finds what was stored again, under the same name, after a kill', async (test) => {
    await using first = await startOrSkip(test, startWaku)
    await using second = await startWaku({ peers: [first.multiaddr] })
    await untilHeard(second, first, 'kept')
    await first.kill()
    await first.start()
    expect(await stored(first)).toContain('kept')
    await untilHeard(second, first, 'again')
  })

  it('takes a node whose address is given, which cannot be killed or cut', async () => {
    await using server = await startWaku({ address: 'http://waku.example:8645' })
    expect(server.url).toBe('http://waku.example:8645')
    await expect(server.kill()).rejects.toThrow(ServerNotOursError)
    expect(() => server.multiaddr).toThrow(ServerNotOursError)
    expect(() => server.link).toThrow(ServerNotOursError)
  })
})
