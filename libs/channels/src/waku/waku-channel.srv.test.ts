import { randomUUID } from 'node:crypto'
import type { WakuServer } from '@annals/local-servers'
import { installWakuForTests, installWakuLimitMilliseconds } from '@annals/local-servers/testing'
import { openWakuFeed } from '@annals/waku'
import { afterAll, beforeAll } from 'vitest'
import type { CommunityChannel } from '../community-channel.ts'
import { describeCommunityChannelContract } from '../testing/community-channel-contract.ts'
import { openWakuChannel } from './open-waku-channel.ts'
import { nodeOf, startWakuPair, testPubsubTopic } from './testing/start-waku-pair.ts'
import type { WakuPair } from './testing/start-waku-pair.ts'
import { testCodec } from './testing/test-codec.ts'

let pair: WakuPair

beforeAll(async () => {
  await installWakuForTests()
  pair = await startWakuPair()
}, installWakuLimitMilliseconds)

afterAll(() => pair[Symbol.asyncDispose]())

// Each process has a node of its own: what one drains another would not see.
describeCommunityChannelContract(
  'Waku channel',
  async () => {
    const codec = testCodec(randomUUID())
    const opened: AsyncDisposable[] = []
    const open = async (own: WakuServer): Promise<CommunityChannel> => {
      const relays = [nodeOf(own)]
      const stores = [nodeOf(pair.first), nodeOf(pair.second)]
      const feed = openWakuFeed({ relays, stores, pollMilliseconds: 50, catchUpMilliseconds: 1_000 })
      const channel = openWakuChannel({ feed, relays, stores, codec, pubsubTopicOf: () => testPubsubTopic })
      opened.push(channel, feed)
      return channel
    }
    const close = async (): Promise<void> => {
      for (const each of opened.splice(0)) await each[Symbol.asyncDispose]()
    }
    return {
      channel: await open(pair.first),
      openSecond: () => open(pair.second),
      async restart() {
        await close()
        return open(pair.first)
      },
      [Symbol.asyncDispose]: close,
    }
  },
  { carriesTraces: false },
)
