import { messageHash, openWakuNode, WakuRateLimitedError, WakuRefusedError, WakuUnreachableError } from '@annals/waku'
import type { WakuMessage, WakuNode } from '@annals/waku'
import { describe, expect, it } from 'vitest'
import { MessageNotConfirmedError } from './errors.ts'
import { sendMessage } from './send-message.ts'
import type { SendMessageOptions } from './send-message.ts'

const topic = { pubsubTopic: '/waku/2/rs/16/32', contentTopic: '/waku/1/0x00000001/rfc26' }

/** A network of nodes in memory: what a node of it takes, all of its stores have. */
class Network {
  readonly hashes = new Set<string>()
  readonly calls: string[] = []

  /** @param publish decides whether a message that is given to the node reaches the network */
  node(name: string, publish: (hash: string) => void, storedHashes?: WakuNode['storedHashes']): WakuNode {
    const has = async (): Promise<ReadonlySet<string>> => this.hashes
    return {
      ...openWakuNode({ url: 'http://127.0.0.1:1' }),
      name,
      subscribe: async () => void this.calls.push(`${name} subscribes`),
      publish: async (pubsubTopic, message) => {
        const hash = messageHash(pubsubTopic, message)
        this.calls.push(`${name} has ${hash}`)
        publish(hash)
      },
      storedHashes: storedHashes ?? has,
    }
  }
}

let made = 0

function send(options: Pick<SendMessageOptions, 'relays' | 'stores'>, patienceMilliseconds = 20_000): Promise<void> {
  const make = async (): Promise<WakuMessage> => ({
    payload: Uint8Array.of(made++ % 256),
    contentTopic: topic.contentTopic,
    meta: new Uint8Array(),
    version: 1,
    timestampNanoseconds: BigInt(Date.now()) * 1_000_000n + BigInt(made),
    isEphemeral: false,
  })
  const { signal } = new AbortController()
  return sendMessage({ ...options, publishBy: 'relay', topic, make, patienceMilliseconds, signal })
}

const failing = (error: Error): (() => never) => {
  return () => {
    throw error
  }
}

describe('sendMessage', () => {
  it('gives the same message to another node where one does not take it', async () => {
    const network = new Network()
    const limited = network.node('limited', failing(new WakuRateLimitedError('limited', 'publish', undefined)))
    const good = network.node('good', (hash) => network.hashes.add(hash))
    await send({ relays: [limited, good], stores: [limited] })
    const [hash] = network.hashes
    expect(network.calls).toStrictEqual([`limited has ${hash}`, `good has ${hash}`])
  })

  it('makes another message for a node that has had one, which would not pass the same one on again', async () => {
    const network = new Network()
    let isUp = false
    const node = network.node('node', (hash) => {
      if (isUp) network.hashes.add(hash)
      isUp = true
      if (network.hashes.size === 0) throw new WakuRefusedError('node', 'publish', 503, 'no peers')
    })
    await send({ relays: [node], stores: [node] })
    expect(new Set(network.calls).size).toBe(2)
  })

  it('is content where the answer was lost and the message was not', async () => {
    const network = new Network()
    const node = network.node('node', (hash) => {
      network.hashes.add(hash)
      throw new WakuUnreachableError('node', 'publish', 'cut')
    })
    await send({ relays: [node], stores: [node] })
    expect(network.calls).toHaveLength(1)
  })

  it('has a node subscribe that relays only what it is subscribed to', async () => {
    const network = new Network()
    const node = network.node('node', (hash) => {
      if (!network.calls.includes('node subscribes'))
        throw new WakuRefusedError('node', 'publish', 400, 'not subscribed')
      network.hashes.add(hash)
    })
    await send({ relays: [node], stores: [node] })
    expect(network.calls.map((call) => call.split(' ')[1])).toStrictEqual(['has', 'subscribes', 'has'])
  })

  it('does not count the store of the node that was given the message, where there is another', async () => {
    const network = new Network()
    const own = network.node('own', (hash) => network.hashes.add(hash))
    const other = network.node(
      'other',
      () => {},
      async () => new Set(),
    )
    const error = await send({ relays: [own], stores: [own, other] }, 300).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MessageNotConfirmedError)
    expect(error).toMatchObject({ hashes: [...network.hashes], limitMilliseconds: 300 })
    await send({ relays: [own], stores: [own] }, 300)
  })

  it('does not wait for a store that hangs or fails where another one answers', async () => {
    const network = new Network()
    const own = network.node('own', (hash) => network.hashes.add(hash))
    const hangs = network.node(
      'hangs',
      () => {},
      () => new Promise(() => {}),
    )
    const fails = network.node('fails', () => {}, failing(new WakuUnreachableError('fails', 'query the store', 'cut')))
    await send({ relays: [own], stores: [hangs, fails, network.node('good', () => {})] }, 300)
    expect(network.calls).toHaveLength(1)
  })

  it('says so where there is no node to send by', async () => {
    await expect(send({ relays: [], stores: [] })).rejects.toBeInstanceOf(MessageNotConfirmedError)
  })
})
