import type { WakuMessage } from '@annals/archive'
import type { ImportRecord } from '@annals/imports'
import { importedChannelId, readImported } from '@annals/imports'

export interface Comparison {
  readonly messages: number
  readonly identical: boolean
  /** The first differences, in words. */
  readonly differences: readonly string[]
}

const shownDifferences = 5

/**
 * Whether a node holds exactly the messages of the source: each once, with its author, time, text and channel. The
 * signatures are not checked: that takes some milliseconds a message, and what they cover is itself compared.
 */
export async function compareMessages(
  source: readonly ImportRecord[],
  communityId: string,
  held: AsyncIterable<WakuMessage>,
): Promise<Comparison> {
  const expected = new Map(source.map((record) => [record.sourceId, record]))
  const differences: string[] = []
  let messages = 0
  for await (const message of held) {
    messages += 1
    const { sourceId, author, text, timestamp, channelId } = readImported(message, { checkSignature: false })
    const record = expected.get(sourceId)
    expected.delete(sourceId)
    if (record === undefined) differences.push(`${sourceId} is held twice or was never there`)
    else if (
      record.authorName !== author ||
      record.text !== text ||
      record.timestamp !== timestamp ||
      importedChannelId(communityId, record.channelId) !== channelId
    )
      differences.push(`${sourceId} is not what it was`)
  }
  for (const sourceId of expected.keys()) differences.push(`${sourceId} is missing`)
  return { messages, identical: differences.length === 0, differences: differences.slice(0, shownDifferences) }
}
