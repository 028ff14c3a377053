import { wakuContentTopic } from '@annals/crypto'
import { addControlled, openInstallation } from '@annals/service/testing'
import { memoryStore } from '@annals/waku/testing'
import { expect, it } from 'vitest'
import { collector } from './collector.ts'
import { openCollectingNode, until } from './testing/open-collecting-node.ts'
import { sentMessage } from './testing/sent-message.ts'

it('collectors of one installation share the communities, and one takes over what came while nobody listened', async () => {
  await using installation = openInstallation()
  const store = memoryStore('one', [])
  await using stays = await openCollectingNode([store.node], {}, (options) => installation.open('stays', options))
  const numbers = Array.from({ length: 8 }, (_, index) => index + 1)
  const communities: string[] = []
  for (const number of numbers) communities.push(await addControlled(stays.context, number))
  const listened = (topics: readonly string[]): string[] =>
    communities.filter((communityId) => topics.includes(wakuContentTopic(communityId)))
  await stays.start(collector)
  await until(() => listened(stays.feed.topics()).length === communities.length)
  let taken = ''
  {
    // Its store has nothing: what comes meanwhile only the other one can bring, and only once it has taken over.
    await using goes = await openCollectingNode([memoryStore('another', []).node], {}, (options) =>
      installation.open('goes', options),
    )
    await goes.start(collector)
    await until(() => {
      const both = [...listened(stays.feed.topics()), ...listened(goes.feed.topics())]
      return both.toSorted().join() === communities.toSorted().join()
    })
    const others = listened(goes.feed.topics())
    expect(others.length).toBeGreaterThan(0)
    taken = others[0] ?? ''
    const sent = await sentMessage({ communityId: taken, channelId: 'general', data: new Uint8Array(10) })
    store.messages.push(sent)
  }
  await until(async () => (await stays.context.messages.pendingCount(taken)) === 1)
  await until(() => listened(stays.feed.topics()).length === communities.length)
}, 60_000)
