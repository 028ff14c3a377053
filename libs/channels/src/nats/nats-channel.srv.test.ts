import { randomBytes } from 'node:crypto'
import { testNatsUrl } from '@annals/local-servers/testing'
import { callJetStream, connectNats, type NatsLink } from '@annals/nats'
import type { CommunityChannel } from '../community-channel.ts'
import { describeChannelLossContract, describeCommunityChannelContract } from '../testing/community-channel-contract.ts'
import type { LossyChannelHarness } from '../testing/community-channel-contract.ts'
import { channelStream } from './channel-stream.ts'
import { openNatsChannel } from './open-nats-channel.ts'

const open = async (): Promise<LossyChannelHarness> => {
  const namespace = `test-${randomBytes(6).toString('hex')}`
  const opened: { readonly link: NatsLink; readonly channel: CommunityChannel }[] = []
  const openOne = async (): Promise<CommunityChannel> => {
    const link = await connectNats({ servers: testNatsUrl(), name: namespace })
    const channel = await openNatsChannel({ link, namespace, replicas: 1 })
    opened.push({ link, channel })
    return channel
  }
  const close = async (): Promise<void> => {
    for (const { link, channel } of opened.splice(0)) {
      await channel[Symbol.asyncDispose]()
      await link[Symbol.asyncDispose]()
    }
  }
  return {
    channel: await openOne(),
    openSecond: openOne,
    async restart() {
      await close()
      return openOne()
    },
    async lose() {
      await using link = await connectNats({ servers: testNatsUrl(), name: namespace })
      await callJetStream(link, `STREAM.PURGE.${channelStream(namespace, 1).name}`)
    },
    async [Symbol.asyncDispose]() {
      await close()
      await using link = await connectNats({ servers: testNatsUrl(), name: namespace })
      await callJetStream(link, `STREAM.DELETE.${channelStream(namespace, 1).name}`)
    },
  }
}

describeCommunityChannelContract('NATS channel', open, { carriesTraces: true })
describeChannelLossContract('NATS channel', open)
