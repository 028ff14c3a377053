import { announceChatId, chatId, toHex, unwrapPublicMessage } from '@annals/crypto'
import { pauseFor } from '@annals/waku'
import { untilAnnounced } from './chronicle.ts'
import type { LivingNode } from './living-node.ts'
import type { Sent } from './waku-chat.ts'
import type { WakuWorld } from './waku-world.ts'

const betweenLooksMilliseconds = 100
/** What is not there by then does not come. */
const patienceMilliseconds = 90_000

/** A message of a chat, by what tells it from others and what is in it. */
export type Line = `${string} ${string}`

export function lineOf({ hash, text }: Pick<Sent, 'hash' | 'text'>): Line {
  return `${hash} ${text}`
}

export function hashOf(line: Line): string {
  return line.slice(0, line.indexOf(' '))
}

/** What a node holds of a community, in the order of the hashes. */
export function linesAt(node: LivingNode, communityId: string): Promise<Line[]> {
  return node.run(async (view) => {
    const messages = await Array.fromAsync(view.messages(communityId))
    return messages
      .map(({ hash, payload }) => {
        const text = new TextDecoder().decode(unwrapPublicMessage(payload))
        return lineOf({ hash: toHex(hash).slice('0x'.length), text })
      })
      .toSorted()
  })
}

/** Waits until a node holds messages, and maybe others; not for ever, so that whoever compares can say what is missing. */
export async function untilHeld(node: LivingNode, communityId: string, hashes: ReadonlySet<string>): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds
  while (performance.now() < deadline) {
    const held = new Set((await linesAt(node, communityId)).map(hashOf))
    if ([...hashes].every((hash) => held.has(hash))) return
    await pauseFor(betweenLooksMilliseconds, new AbortController().signal)
  }
}

/** Lets the time pass until what is held now is sealed and announced; answers the info hash of that. */
export async function sealByWaku(world: WakuWorld, control: LivingNode, communityId: string): Promise<string> {
  return untilAnnounced(control, communityId, await world.passTime())
}

/** The chat on which a community announces. */
export function announcements(communityId: string): string {
  return announceChatId(communityId, 'magnetlinks')
}

/** Says something in a channel of a community, at a time that is not sealed yet. */
export function sayIn(world: WakuWorld, communityId: string, channelId: string, text: string): Promise<Sent> {
  return world.chat.say(chatId(communityId, channelId), text, { notBeforeSeconds: world.clock.now })
}
