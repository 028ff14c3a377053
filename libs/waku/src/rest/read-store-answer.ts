import { WakuAnswerError, WakuRateLimitedError, WakuRefusedError } from '../errors.ts'
import { messageHash, readMessage } from '../waku-message.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { RefusedMessage, StorePage, StorePageQuery } from '../waku-node.ts'
import { AnswerReader } from './answer-reader.ts'

/** No node gives more, whatever it is asked for. */
const mostMessages = 1_000
const longestCursor = 1_000
const operation = 'query the store'
const mostStatus = 2n ** 32n - 1n

/**
 * A page of Store v3. A message that is not what was asked for is left out and told of; an answer of another form is refused
 * as a whole.
 * @throws WakuAnswerError, WakuRefusedError, WakuRateLimitedError
 */
export function readStorePage(node: string, query: StorePageQuery, text: string): StorePage {
  const answer = open(node, text)
  const messages: CarriedMessage[] = []
  const refused: RefusedMessage[] = []
  for (const [index, item] of answer.field('messages').items(mostMessages).entries()) {
    const read = readCarried(item, query)
    if (typeof read === 'string') refused.push({ where: `messages[${index}]`, reason: read })
    else messages.push(read)
  }
  return { messages, cursor: readCursor(answer), refused }
}

/** The hashes of an answer without data. @throws as above */
export function readStoredHashes(node: string, text: string): ReadonlySet<string> {
  const items = open(node, text).field('messages').items(mostMessages)
  return new Set(items.map((item) => item.field('messageHash').hash()))
}

function open(node: string, text: string): AnswerReader {
  const answer = AnswerReader.of(node, operation, text)
  const statusField = answer.field('statusCode')
  const status = statusField.isAbsent ? 200n : statusField.whole(mostStatus)
  if (status === 429n) throw new WakuRateLimitedError(node, operation, undefined)
  if (status !== 200n) {
    const description = answer.field('statusDesc')
    throw new WakuRefusedError(node, operation, Number(status), description.isAbsent ? '' : description.text())
  }
  return answer
}

function readCursor(answer: AnswerReader): string | undefined {
  const field = answer.field('paginationCursor')
  if (field.isAbsent) return undefined
  const cursor = field.text()
  if (cursor.length > longestCursor) field.refuse('is too long')
  return cursor === '' ? undefined : cursor
}

/** The message, or why it does not count. */
function readCarried(item: AnswerReader, query: StorePageQuery): CarriedMessage | string {
  try {
    return checkCarried(item, query)
  } catch (error) {
    if (!(error instanceof WakuAnswerError)) throw error
    return error.message
  }
}

function checkCarried(item: AnswerReader, query: StorePageQuery): CarriedMessage | string {
  const claimed = item.field('messageHash').hash()
  const pubsubTopic = item.field('pubsubTopic').text()
  const message = readMessage(item.field('message'))
  const hash = messageHash(pubsubTopic, message)
  const time = message.timestampNanoseconds
  if (hash !== claimed) return 'its hash is not the one of what it holds'
  if (!query.contentTopics.includes(message.contentTopic)) return 'it is of a content topic that was not asked for'
  if (query.pubsubTopic !== pubsubTopic) return 'it is of another pubsub topic'
  if (time < (query.fromNanoseconds ?? time) || time > (query.toNanoseconds ?? time)) return 'it is of another time'
  return { hash, pubsubTopic, message }
}

/** What a drained topic holds. A message of another form is left out and told of: the others come only once. */
export function readDrained(
  node: string,
  pubsubTopic: string,
  text: string,
): { readonly messages: CarriedMessage[]; readonly refused: RefusedMessage[] } {
  const messages: CarriedMessage[] = []
  const refused: RefusedMessage[] = []
  for (const item of AnswerReader.of(node, 'hand over what came', text).items(Infinity)) {
    try {
      const message = readMessage(item)
      messages.push({ hash: messageHash(pubsubTopic, message), pubsubTopic, message })
    } catch (error) {
      if (!(error instanceof WakuAnswerError)) throw error
      refused.push({ where: error.where, reason: error.message })
    }
  }
  return { messages, refused }
}
