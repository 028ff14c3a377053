import { call } from '@annals/annals'
import {
  chatId,
  createGroupKey,
  decodeMagnetMessage,
  encodeGroupKeys,
  encodeMagnetMessage,
  parseCommunityId,
  privateKeySeedBytes,
} from '@annals/crypto'
import type { GroupKey } from '@annals/crypto'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { addControlled, addMember, archivesOf, enable, waitUntilServed } from './support/chronicle.ts'
import type { LivingNode } from './support/living-node.ts'
import type { Sent } from './support/waku-chat.ts'
import { announcements, lineOf, linesAt, sayIn, sealByWaku, untilHeld } from './support/waku-rounds.ts'
import { WakuWorld } from './support/waku-world.ts'

const channelIds = ['general', 'help']
const controlKey = new Uint8Array(32).fill(21)
const strangersKey = new Uint8Array(32).fill(22)
const hashesOf = (said: readonly Sent[]): Set<string> => new Set(said.map(({ hash }) => hash))
const linesOf = (said: readonly Sent[]): string[] => said.map(lineOf).toSorted()

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

/** Magnet links that a node took for its community's, in the order in which they came. */
function linksTaken(node: LivingNode): Promise<string[]> {
  return node.run(async (view) => {
    const links: string[] = []
    view.onEvent('MagnetLinkReceived', 0, ({ magnetLink }) => void links.push(magnetLink))()
    return links
  })
}

/** What was announced for a community, in order. */
async function announcedFor(world: WakuWorld, communityId: string): Promise<Uint8Array[]> {
  return world.chat.heard(announcements(communityId))
}

async function give(node: LivingNode, communityId: string, key: GroupKey): Promise<void> {
  const request = { communityId, channelId: '', hrKeys: Buffer.from(encodeGroupKeys([key])) }
  await node.run(({ client }) => call(client, client.api.importGroupKeys, request))
}

describe('a control node and two members over two Waku nodes', () => {
  it('seal, announce and fetch what is said, also what one store was away for, and refuse announcements of others', async (test) => {
    await using world = await startOrSkip(test, () => WakuWorld.create())
    await using control = world.node('control')
    await using reader = world.node('reader')
    await using listener = world.node('listener')
    const { chat, pair } = world
    const communityId = await addControlled(control, { key: controlKey, channelIds })
    for (const member of [reader, listener]) await addMember(member, communityId)
    const say = (channelId: string, text: string): Promise<Sent> => sayIn(world, communityId, channelId, text)

    const said = [await say('general', 'one'), await say('help', 'two'), await say('general', 'three')]
    for (const sent of said) await chat.untilEverywhere(sent)
    await untilHeld(control, communityId, hashesOf(said))

    // The first node is away; when it is back its links are not, or it would hear of what it missed.
    await pair.first.stop()
    const missed = await chat.say(chatId(communityId, 'general'), 'four', { by: [world.second] })
    said.push(missed)
    await pair.first.link.cut('refuse')
    await pair.first.start()
    await world.passTime()
    await enable(control, communityId)
    const { storeSync } = await control.run((node) => node.event('HistorySynced'))
    const missedAt = Number(missed.message.timestampNanoseconds / 1_000_000_000n)
    expect(storeSync).toMatchObject({
      gaveUp: false,
      refusedMessages: {},
      stores: [
        {
          node: pair.first.url,
          failure: '',
          messages: 3,
          missingMessages: 1,
          missingSpans: [{ from: missedAt, to: missedAt, messages: 1 }],
        },
        { node: pair.second.url, failure: '', messages: 4, missingMessages: 0, missingSpans: [] },
      ],
    })
    await pair.first.link.heal()
    await pair.untilLinked()

    const served: string[] = []
    const sealAndFetch = async (): Promise<void> => {
      await untilHeld(control, communityId, hashesOf(said))
      const infoHash = await sealByWaku(world, control, communityId)
      for (const member of [reader, listener]) await waitUntilServed(member, infoHash)
      served.push((await archivesOf(control, communityId)).magnetLink)
    }
    await sealAndFetch()
    said.push(await say('help', 'five'))
    await sealAndFetch()

    const [first] = await announcedFor(world, communityId)
    const latest = decodeMagnetMessage((await announcedFor(world, communityId)).at(-1) ?? new Uint8Array())
    const clockMilliseconds = latest.clockMilliseconds + 1
    const magnetLink = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=${communityId}`
    const refused = [
      // Of somebody else, later than what was announced so far.
      encodeMagnetMessage({ privateKey: strangersKey, clockMilliseconds, magnetLink }),
      // Word for word what was announced at first, and what the community might have announced before that.
      first ?? new Uint8Array(),
      encodeMagnetMessage({ privateKey: controlKey, clockMilliseconds: latest.clockMilliseconds - 1, magnetLink }),
      // No link at all, no message at all, a message whose end is missing.
      encodeMagnetMessage({ privateKey: controlKey, clockMilliseconds, magnetLink: 'magnet:?xt=urn:btih:zz' }),
      new TextEncoder().encode('nothing that anybody signed'),
      encodeMagnetMessage({ privateKey: controlKey, clockMilliseconds, magnetLink }).subarray(0, -9),
    ]
    for (const message of refused) await chat.untilEverywhere(await chat.send(announcements(communityId), message))
    // What it read before it knows by its cursor alone, and the word for word repetition is not in that.
    await reader.kill()
    // Read in order of time: who takes this one has judged those before it.
    said.push(await say('general', 'six'))
    await sealAndFetch()

    for (const member of [reader, listener]) {
      expect(await linksTaken(member)).toStrictEqual(served)
      expect(await linesAt(member, communityId)).toStrictEqual(linesOf(said))
      expect((await archivesOf(member, communityId)).archives).toStrictEqual(
        (await archivesOf(control, communityId)).archives,
      )
    }
    expect(await linesAt(control, communityId)).toStrictEqual(linesOf(said))
  }, 600_000)

  it('keep what is encrypted until its key comes, also over a rotation', async (test) => {
    await using world = await startOrSkip(test, () => WakuWorld.create())
    await using control = world.node('control')
    await using reader = world.node('reader')
    await using late = world.node('late')
    const communityId = await addControlled(control, { key: controlKey, channelIds })
    for (const member of [reader, late]) await addMember(member, communityId)
    const groupId = parseCommunityId(communityId)
    const newKey = (after: number | undefined): GroupKey =>
      createGroupKey({
        groupId,
        randomBytes: crypto.getRandomValues(new Uint8Array(privateKeySeedBytes)),
        nowMilliseconds: Date.now(),
        lastTimestampMilliseconds: after,
      })
    const said: Sent[] = []
    const sayAndSeal = async (text: string): Promise<string> => {
      const sent = await sayIn(world, communityId, 'general', text)
      said.push(sent)
      await untilHeld(control, communityId, new Set([sent.hash]))
      return sealByWaku(world, control, communityId)
    }

    const first = newKey(undefined)
    for (const node of [control, reader]) await give(node, communityId, first)
    await enable(control, communityId)
    await waitUntilServed(reader, await sayAndSeal('before the rotation'))
    await untilHeld(reader, communityId, hashesOf(said))

    const second = newKey(first.timestampMilliseconds)
    for (const node of [control, reader]) await give(node, communityId, second)
    const infoHash = await sayAndSeal('after the rotation')
    await waitUntilServed(reader, infoHash)
    await untilHeld(reader, communityId, hashesOf(said))
    // Who has no key fetches, keeps and serves it all, and reads nothing.
    await waitUntilServed(late, infoHash)
    expect(await linesAt(late, communityId)).toStrictEqual([])

    await give(late, communityId, second)
    const finished = await late.run((node) => node.event('DownloadFinished', 0, (done) => done.infoHash === infoHash))
    expect(finished).toMatchObject({ archivesImported: 1, archivesWaiting: 1, messagesImported: 1 })
    expect(await linesAt(late, communityId)).toStrictEqual(linesOf(said.slice(1)))
    await give(late, communityId, first)
    await late.run((node) => node.event('ArchiveDecrypted'))
    expect(await linesAt(late, communityId)).toStrictEqual(linesOf(said))
    const archives = await archivesOf(control, communityId)
    for (const member of [reader, late])
      expect((await archivesOf(member, communityId)).archives).toStrictEqual(archives.archives)
  }, 600_000)
})
