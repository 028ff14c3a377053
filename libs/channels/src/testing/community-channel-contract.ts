import { describe, expect, it } from 'vitest'
import type { ChannelMessage, CommunityChannel } from '../community-channel.ts'
import { InvalidCursorError, PayloadTooLargeError } from '../errors.ts'

/** One channel under test, without messages at first. Disposing of it ends all that it opened. */
export interface CommunityChannelHarness extends AsyncDisposable {
  readonly channel: CommunityChannel
  /** The same channel as another process has it. */
  openSecond(): Promise<CommunityChannel>
  /** Closes all handles in order and opens the channel again. */
  restart(): Promise<CommunityChannel>
}

/** A channel out of which messages can be taken from outside. */
export interface LossyChannelHarness extends CommunityChannelHarness {
  /** Takes all messages out of it. */
  lose(): Promise<void>
}

/** What a channel may be able to do, or not. */
export interface ChannelAbilities {
  /** Whether a message says what it follows from; Waku's format has no place for it. */
  readonly carriesTraces: boolean
}

export type OpenCommunityChannel = () => Promise<CommunityChannelHarness>

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = ({ payload }: ChannelMessage): string => new TextDecoder().decode(payload)

/** The first messages of a chat after a cursor; waits until so many are there. */
async function receive(
  channel: CommunityChannel,
  chatId: string,
  count: number,
  after?: string,
): Promise<ChannelMessage[]> {
  const stop = new AbortController()
  const received: ChannelMessage[] = []
  for await (const message of channel.receive(chatId, {
    signal: stop.signal,
    ...(after === undefined ? {} : { after }),
  })) {
    received.push(message)
    if (received.length === count) stop.abort()
  }
  return received
}

/** What every adapter of the community channel keeps to. `open` gives a new channel without messages each time. */
export function describeCommunityChannelContract(
  name: string,
  open: OpenCommunityChannel,
  { carriesTraces }: ChannelAbilities,
): void {
  describe(`${name} as a community channel`, () => {
    const what = carriesTraces ? 'carries the trace context of a message' : 'leaves a trace context out'
    it(`${what}, and says of none that there is one`, async () => {
      await using harness = await open()
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await harness.channel.publish('chat', bytes('traced'), { traceparent })
      await harness.channel.publish('chat', bytes('not traced'))
      // The same bytes again are the same message.
      await harness.channel.publish('chat', bytes('traced'), { traceparent: traceparent.replace('b7', 'c8') })
      const [traced, not] = await receive(harness.channel, 'chat', 2)
      expect(traced?.traceparent).toBe(carriesTraces ? traceparent : undefined)
      expect(not).not.toHaveProperty('traceparent')
    })

    it('gives the messages of a chat in their order, with the bytes as they were', async () => {
      await using harness = await open()
      const { channel } = harness
      const payloads = [bytes('one'), Uint8Array.from({ length: 256 }, (_, index) => index), bytes('three')]
      for (const payload of payloads) await channel.publish('chat-1', payload)
      await channel.publish('chat-2', bytes('elsewhere'))
      const received = await receive(channel, 'chat-1', 3)
      expect(received.map(({ payload }) => Buffer.from(payload))).toStrictEqual(payloads.map((p) => Buffer.from(p)))
      expect(received.every(({ timeMilliseconds }) => timeMilliseconds > 1_500_000_000_000)).toBe(true)
      expect((await receive(channel, 'chat-2', 1)).map(text)).toStrictEqual(['elsewhere'])
    })

    it('brings a message to a reader in another process that waits for it', async () => {
      await using harness = await open()
      const second = await harness.openSecond()
      const waiting = receive(second, 'chat', 3)
      for (const word of ['a', 'b', 'c']) await harness.channel.publish('chat', bytes(word))
      expect((await waiting).map(text)).toStrictEqual(['a', 'b', 'c'])
    })

    it('shows what several processes publish to all of them in one order', async () => {
      await using harness = await open()
      const channels = [harness.channel, await harness.openSecond()]
      const waiting = channels.map((channel) => receive(channel, 'chat', 40))
      const numbers = Array.from({ length: 20 }, (_, index) => index)
      const publishing = channels.flatMap((channel, process) =>
        numbers.map((number) => channel.publish('chat', bytes(`message ${number} of ${process}`))),
      )
      await Promise.all(publishing)
      const [first, second] = await Promise.all(waiting)
      expect(new Set(first?.map(text)).size).toBe(40)
      expect(second?.map(text)).toStrictEqual(first?.map(text))
    })

    it('takes the same bytes on a chat once, whoever sends them', async () => {
      await using harness = await open()
      const second = await harness.openSecond()
      await Promise.all([harness.channel, second, second].map((channel) => channel.publish('chat', bytes('same'))))
      await second.publish('other chat', bytes('same'))
      await harness.channel.publish('chat', bytes('next'))
      expect((await receive(second, 'chat', 2)).map(text)).toStrictEqual(['same', 'next'])
      expect((await receive(second, 'other chat', 1)).map(text)).toStrictEqual(['same'])
    })

    it('goes on behind a cursor, also after a restart and in another process', async () => {
      await using harness = await open()
      for (const word of ['a', 'b', 'c']) await harness.channel.publish('chat', bytes(word))
      const [first] = await receive(harness.channel, 'chat', 1)
      expect((await receive(harness.channel, 'chat', 2, first?.cursor)).map(text)).toStrictEqual(['b', 'c'])
      const channel = await harness.restart()
      const rest = await receive(channel, 'chat', 2, first?.cursor)
      expect(rest.map(text)).toStrictEqual(['b', 'c'])
      const second = await harness.openSecond()
      const waiting = receive(second, 'chat', 1, rest.at(-1)?.cursor)
      await channel.publish('chat', bytes('d'))
      expect((await waiting).map(text)).toStrictEqual(['d'])
    })

    it('refuses a cursor that it never gave', async () => {
      await using harness = await open()
      await harness.channel.publish('chat', bytes('a'))
      for (const cursor of ['', 'nonsense', '-1', '../x']) {
        const error = await receive(harness.channel, 'chat', 1, cursor).catch((error: unknown) => error)
        expect(error).toBeInstanceOf(InvalidCursorError)
        expect(error).toMatchObject({ chatId: 'chat', cursor })
      }
    })

    it('refuses a message above its limit and says how large it is', async () => {
      await using harness = await open()
      const payload = new Uint8Array(200 * 1024)
      const error = await harness.channel.publish('chat', payload).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(PayloadTooLargeError)
      expect(error).toMatchObject({ chatId: 'chat', sizeBytes: payload.length })
      await harness.channel.publish('chat', payload.subarray(0, 100 * 1024))
      expect((await receive(harness.channel, 'chat', 1))[0]?.payload).toHaveLength(100 * 1024)
    })

    it('finds on a chat what was published on it, whoever published it, and nothing else', async () => {
      await using harness = await open()
      const options = { sinceMilliseconds: Date.now() - 60_000, signal: new AbortController().signal }
      const second = await harness.openSecond()
      for (const word of ['one', 'two']) await harness.channel.publish('chat', bytes(word))
      for (const channel of [harness.channel, second]) {
        expect(await channel.holds('chat', bytes('one'), options)).toBe(true)
        expect(await channel.holds('chat', bytes('two'), options)).toBe(true)
        expect(await channel.holds('chat', bytes('three'), options)).toBe(false)
        expect(await channel.holds('another chat', bytes('one'), options)).toBe(false)
      }
    })

    it('does not say whether it has a message once the signal aborted', async () => {
      await using harness = await open()
      await harness.channel.publish('chat', bytes('one'))
      const options = { sinceMilliseconds: Date.now() - 60_000, signal: AbortSignal.abort() }
      expect(await harness.channel.holds('chat', bytes('one'), options)).toBe('unknown')
    })

    it('ends a reading when its signal aborts, waiting or not', async () => {
      await using harness = await open()
      const stop = new AbortController()
      const ended = (async () => {
        for await (const message of harness.channel.receive('silent', { signal: stop.signal }))
          throw new Error(text(message))
        return 'ended'
      })()
      stop.abort()
      expect(await ended).toBe('ended')
      expect(await Array.fromAsync(harness.channel.receive('silent', { signal: stop.signal }))).toStrictEqual([])
    })
  })
}

/** What an adapter keeps to whose messages are lost by somebody else. */
export function describeChannelLossContract(name: string, open: () => Promise<LossyChannelHarness>): void {
  it(`${name} that lost a message › does not find it, and has it again once it is published again`, async () => {
    await using harness = await open()
    const { channel } = harness
    const options = { sinceMilliseconds: Date.now() - 60_000, signal: new AbortController().signal }
    await channel.publish('chat', bytes('one'))
    await harness.lose()
    expect(await channel.holds('chat', bytes('one'), options)).toBe(false)
    await channel.publish('chat', bytes('one'), { again: true })
    expect(await channel.holds('chat', bytes('one'), options)).toBe(true)
  })
}
