import { announceChatId, decodeMagnetMessage } from '@annals/crypto'
import type { Stage } from './stage.ts'

export interface Announced {
  readonly clockMilliseconds: number
  readonly magnetLink: string
  /** The message as it went out, hex. */
  readonly message: string
}

/** Everything that was announced for a community, in the channel's order. */
export async function announcementsOf(stage: Stage, communityId: string): Promise<Announced[]> {
  await using channel = await stage.openChannel()
  const stop = new AbortController()
  const chat = announceChatId(communityId, 'magnetlinks')
  const end = 'the end of what was announced'
  await channel.publish(chat, new TextEncoder().encode(end))
  const announced: Announced[] = []
  for await (const { payload } of channel.receive(chat, { signal: stop.signal })) {
    if (new TextDecoder().decode(payload) === end) break
    const { clockMilliseconds, magnetLink } = decodeMagnetMessage(payload)
    announced.push({ clockMilliseconds, magnetLink, message: Buffer.from(payload).toString('hex') })
  }
  return announced
}
