import { startWakuPair } from '@annals/channels/waku/testing'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import type { ServiceContext } from '@annals/service'
import { addControlled, addMember, privateKeyOf, waitForEvent } from '@annals/service/testing'
import { startTracker } from '@annals/torrents/tracker'
import { beforeAll, expect, it } from 'vitest'
import { openWakuTestNode, startAll, talk } from './support/waku-node.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const texts = ['one', 'two', 'three']

async function said({ messages }: ServiceContext, communityId: string): Promise<string[]> {
  const all = (await Array.fromAsync(messages.range(communityId, {}))).flat()
  return all.map(({ payload }) => new TextDecoder().decode(payload)).sort()
}

it('what is said on Waku is sealed, announced on Waku, and fetched by a member that heard nothing of it', async (test) => {
  await using pair = await startOrSkip(test, startWakuPair)
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  const stores = [pair.first.url, pair.second.url]
  const communityId = communityIdOfPrivateKey(privateKeyOf(51))
  await talk(pair.second.url, communityId, texts)
  await using control = await openWakuTestNode(pair.first.url, stores, tracker.announceUrl)
  await using member = await openWakuTestNode(pair.second.url, stores, tracker.announceUrl)
  // It knows no chat, so what it has of the messages comes from archives.
  await addMember(member.context, communityId)
  await startAll(member)
  await startAll(control)
  await addControlled(control.context, 51)
  const { payload: announced } = await waitForEvent(control.context, communityId, 'MagnetLinkDispatched')
  const { payload: received } = await waitForEvent(member.context, communityId, 'MagnetLinkReceived')
  expect(received.magnetLink).toBe(announced.magnetLink)
  const { payload: finished } = await waitForEvent(member.context, communityId, 'DownloadFinished')
  expect(finished).toMatchObject({ messagesImported: 3, messagesKnown: 0, messagesSetAside: 0 })
  expect(await said(member.context, communityId)).toEqual(texts.toSorted())
  expect(await said(control.context, communityId)).toEqual(texts.toSorted())
}, 60_000)
