import type { WakuServer } from '@annals/local-servers'
import { chatId } from '@annals/crypto'
import { addControlled, addMember, enable, waitUntilServed } from './chronicle.ts'
import { Killer } from './killer.ts'
import type { KillOptions, Victim } from './killer.ts'
import { announcedFor, keptBy, readRunning } from './waku-outcome.ts'
import type { WakuOutcome } from './waku-outcome.ts'
import { sealByWaku, untilHeld } from './waku-rounds.ts'
import { WakuSpeaker } from './waku-speaker.ts'
import { WakuWorld } from './waku-world.ts'

const weeks = 10
const messagesPerWeek = 6
const channelIds = ['general', 'help', 'announcements']

/**
 * A community's ten weeks, or as many as the kills take, over two Waku nodes, while every part is killed again and again: the
 * control node, the members, the Waku nodes. At the end they are left alone until everything is fetched.
 */
export async function runWakuKills(options: KillOptions): Promise<{ outcome: WakuOutcome; kills: number }> {
  await using world = await WakuWorld.create()
  const killer = new Killer(options)
  const { communityId, weeksLived, said, doubtful, control, reader, listener } = await live(world, killer)
  const kept = (name: string, infoHash: string) => keptBy(world.folderOf(name), communityId, infoHash)
  return {
    outcome: {
      communityId,
      weeksLived,
      said,
      doubtful,
      stored: await world.chat.storedHashes(chatsOf(communityId)),
      announced: await announcedFor(world, communityId),
      control: { ...control, ...(await kept('control', control.infoHash)) },
      reader: { ...reader, ...(await kept('reader', reader.infoHash)) },
      listener: { ...listener, ...(await kept('listener', listener.infoHash)) },
    },
    kills: killer.kills,
  }
}

/** The nodes have ended in order when it resolves. */
async function live(world: WakuWorld, killer: Killer) {
  await using control = world.node('control')
  await using reader = world.node('reader')
  await using listener = world.node('listener')
  const communityId = await addControlled(control, { channelIds })
  // What the reader has comes from archives; the listener hears the messages as well.
  await addMember(reader, communityId)
  await addMember(listener, communityId, channelIds)
  const speaker = new WakuSpeaker(world, communityId, channelIds)

  await speaker.speak(messagesPerWeek)
  await untilHeld(control, communityId, speaker.hashes)
  await world.passTime()
  await enable(control, communityId)
  const victims = [control, reader, listener, restarting(world.pair.first), restarting(world.pair.second)]
  let weeksLived = 1
  while (weeksLived < weeks || !killer.enough()) {
    const week = async (): Promise<void> => {
      await speaker.speak(messagesPerWeek)
      await sealByWaku(world, control, communityId)
    }
    await killer.during(victims, week())
    weeksLived += 1
  }

  // What a part was away for comes late, and is sealed with the next week.
  await untilHeld(control, communityId, await world.chat.storedHashes(chatsOf(communityId)))
  const infoHash = await sealByWaku(world, control, communityId)
  for (const member of [reader, listener]) await waitUntilServed(member, infoHash)
  return {
    communityId,
    weeksLived,
    said: speaker.said,
    doubtful: speaker.doubtful,
    control: await readRunning(control, world.folderOf('control'), communityId),
    reader: await readRunning(reader, world.folderOf('reader'), communityId),
    listener: await readRunning(listener, world.folderOf('listener'), communityId),
  }
}

function chatsOf(communityId: string): string[] {
  return channelIds.map((channelId) => chatId(communityId, channelId))
}

function restarting(server: WakuServer): Victim {
  return {
    async kill() {
      await server.kill()
      await server.start()
    },
  }
}
