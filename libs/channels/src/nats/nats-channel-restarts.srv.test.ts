import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startNats } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { connectNats, type NatsLink } from '@annals/nats'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import type { ChannelMessage, CommunityChannel } from '../community-channel.ts'
import { ChannelClosedError, ChannelUnavailableError, InvalidCursorError } from '../errors.ts'
import { openNatsChannel } from './open-nats-channel.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = ({ payload }: ChannelMessage): string => new TextDecoder().decode(payload)

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/** A reader of one chat, message by message. */
function reader(channel: CommunityChannel, chatId: string, after?: string): AsyncIterator<ChannelMessage> {
  const { signal } = new AbortController()
  return channel.receive(chatId, { signal, ...(after === undefined ? {} : { after }) })[Symbol.asyncIterator]()
}

async function nextTexts(messages: AsyncIterator<ChannelMessage>, count: number): Promise<string[]> {
  const texts: string[] = []
  while (texts.length < count) texts.push(text((await messages.next()).value))
  return texts
}

const open = (link: NatsLink, namespace = 'annals'): Promise<CommunityChannel> =>
  openNatsChannel({ link, namespace, replicas: 1 })

describe('NATS channel whose server ends', () => {
  it('takes and brings each message once across a kill', async (test) => {
    await using server = await startOrSkip(test, startNats)
    await using link = await connectNats({ servers: server.url, name: 'test' })
    await using channel = await open(link)
    const messages = reader(channel, 'chat')
    await channel.publish('chat', bytes('before'))
    expect(await nextTexts(messages, 1)).toStrictEqual(['before'])
    const waiting = nextTexts(messages, 2)
    await server.kill()
    const publishing = channel.publish('chat', bytes('meanwhile'))
    await server.start()
    await publishing
    await channel.publish('chat', bytes('before'))
    await channel.publish('chat', bytes('after'))
    expect(await waiting).toStrictEqual(['meanwhile', 'after'])
  })

  it('reads a chat again, from a cursor too, when the stream was set back', async (test) => {
    await using server = await startOrSkip(test, startNats)
    await using link = await connectNats({ servers: server.url, name: 'test' })
    await using channel = await open(link)
    await channel.publish('chat', bytes('kept'))
    const store = join(server.folder, 'jetstream')
    const backup = await temporaryFolder('nats-backup')
    await server.stop()
    await cp(store, backup, { recursive: true })
    await server.start()
    await channel.publish('chat', bytes('lost'))
    const messages = reader(channel, 'chat')
    expect(await nextTexts(messages, 1)).toStrictEqual(['kept'])
    const { cursor } = (await messages.next()).value as ChannelMessage
    const waiting = nextTexts(messages, 2)
    await server.kill()
    await rm(store, { recursive: true })
    await cp(backup, store, { recursive: true })
    await server.start()
    await channel.publish('chat', bytes('new'))
    expect(await waiting).toStrictEqual(['kept', 'new'])
    expect(await nextTexts(reader(channel, 'chat', cursor), 2)).toStrictEqual(['kept', 'new'])
  })

  it('refuses a cursor of another channel, and says when it is unavailable or closed', async (test) => {
    await using server = await startOrSkip(test, startNats)
    await using link = await connectNats({ servers: server.url, name: 'test' })
    await using other = await open(link, 'other')
    await other.publish('chat', bytes('a'))
    const { cursor } = (await reader(other, 'chat').next()).value as ChannelMessage
    const channel = await open(link)
    expect(await refusal(reader(channel, 'chat', cursor).next())).toBeInstanceOf(InvalidCursorError)
    const waiting = refusal(reader(channel, 'chat').next())
    await server.kill()
    expect(await refusal(channel.publish('chat', bytes('b')))).toBeInstanceOf(ChannelUnavailableError)
    await channel[Symbol.asyncDispose]()
    await channel[Symbol.asyncDispose]()
    expect(await waiting).toBeInstanceOf(ChannelClosedError)
    expect(await refusal(channel.publish('chat', bytes('b')))).toBeInstanceOf(ChannelClosedError)
  })

  it('serves many chats at once with one subscription', async (test) => {
    await using server = await startOrSkip(test, startNats)
    await using link = await connectNats({ servers: server.url, name: 'test' })
    await using channel = await open(link)
    const chats = Array.from({ length: 300 }, (_, index) => `chat ${index}`)
    const waiting = chats.map((chat) => nextTexts(reader(channel, chat), 1))
    await Promise.all(chats.map((chat) => channel.publish(chat, bytes(`to ${chat}`))))
    expect((await Promise.all(waiting)).flat()).toStrictEqual(chats.map((chat) => `to ${chat}`))
  })
})
