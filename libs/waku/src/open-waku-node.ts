import { WakuRefusedError } from './errors.ts'
import { AnswerReader } from './rest/answer-reader.ts'
import { NodeCaller } from './rest/call-node.ts'
import type { NodeCall } from './rest/call-node.ts'
import { readDrained, readStoredHashes, readStorePage } from './rest/read-store-answer.ts'
import { messageJson } from './waku-message.ts'
import type { NodeHealth, StorePageQuery, WakuNode } from './waku-node.ts'

export interface WakuNodeOptions {
  /** Of the REST interface: `http://127.0.0.1:8645`; with name and password where something before the node asks for them. */
  readonly url: string
  /** For each call. 10,000 where absent. */
  readonly timeoutMilliseconds?: number
  /** Requests above it wait. 50 where absent. */
  readonly requestsPerSecond?: number
}

/** A hundred messages of 150 KiB in base64, and their fields. */
const messagesLimitBytes = 32 * 1024 * 1024
const smallLimitBytes = 256 * 1024

/** A client of one node's REST interface, as nwaku has it. Nothing is asked yet. @throws InvalidWakuAddressError */
export function openWakuNode(options: WakuNodeOptions): WakuNode {
  const { url, timeoutMilliseconds = 10_000, requestsPerSecond = 50 } = options
  const caller = new NodeCaller({ url, timeoutMilliseconds, requestsPerSecond })
  const node = caller.name
  const post = (operation: string, path: string, body: string, signal?: AbortSignal): Promise<string> =>
    caller.call({ operation, method: 'POST', path, body, signal, answerLimitBytes: smallLimitBytes })
  const get = (operation: string, path: string, answerLimitBytes: number, signal?: AbortSignal): Promise<string> =>
    caller.call({ operation, method: 'GET', path, signal, answerLimitBytes })
  const store = (query: URLSearchParams, signal?: AbortSignal): Promise<string> =>
    get('query the store', `/store/v3/messages?${query.toString()}`, messagesLimitBytes, signal)
  return {
    name: node,
    async subscribe(pubsubTopics, signal) {
      await post('subscribe', '/relay/v1/subscriptions', JSON.stringify(pubsubTopics), signal)
    },
    async drain(pubsubTopic, signal) {
      const text = await get('hand over what came', relayPath(pubsubTopic), messagesLimitBytes, signal)
      return readDrained(node, pubsubTopic, text)
    },
    async publish(pubsubTopic, message, signal) {
      await post('publish', relayPath(pubsubTopic), messageJson(message), signal)
    },
    async lightpush(pubsubTopic, message, signal) {
      const body = `{"pubsubTopic":${JSON.stringify(pubsubTopic)},"message":${messageJson(message)}}`
      await post('push', '/lightpush/v3/message', body, signal)
    },
    async storePage(query, signal) {
      return readStorePage(node, query, await store(storeQuery(query, true), signal))
    },
    async storedHashes(query, signal) {
      return readStoredHashes(node, await store(storeQuery({ ...query, pageSize: 100 }, false), signal))
    },
    async health(signal) {
      return readHealth(caller, { operation: 'tell its health', method: 'GET', path: '/health', signal })
    },
    async addresses(signal) {
      const operation = 'tell its addresses'
      const ask = (path: string): Promise<string> => get(operation, path, smallLimitBytes, signal)
      const text = await ask('/debug/v1/info').catch((error: unknown) => {
        // Newer nodes have it elsewhere.
        if (error instanceof WakuRefusedError && error.status === 404) return ask('/info')
        throw error
      })
      const addresses = AnswerReader.of(node, operation, text).field('listenAddresses')
      return addresses.isAbsent ? [] : addresses.items(1_000).map((address) => address.text())
    },
  }
}

function relayPath(pubsubTopic: string): string {
  return `/relay/v1/messages/${encodeURIComponent(pubsubTopic)}`
}

function storeQuery(query: StorePageQuery, includeData: boolean): URLSearchParams {
  const { pubsubTopic, contentTopics, fromNanoseconds, toNanoseconds, cursor, pageSize } = query
  return new URLSearchParams({
    includeData: String(includeData),
    ascending: 'true',
    pageSize: String(pageSize),
    pubsubTopic,
    contentTopics: contentTopics.join(','),
    ...(fromNanoseconds !== undefined && { startTime: String(fromNanoseconds) }),
    ...(toNanoseconds !== undefined && { endTime: String(toNanoseconds) }),
    ...(cursor !== undefined && { cursor }),
  })
}

/** JSON in newer nodes, a sentence in older ones; one that is not well says so with status 503. */
async function readHealth(caller: NodeCaller, call: Omit<NodeCall, 'answerLimitBytes'>): Promise<NodeHealth> {
  try {
    const text = await caller.call({ ...call, answerLimitBytes: smallLimitBytes })
    const isReady = text.startsWith('{')
      ? /^(?:ready|synchroni)/i.test(AnswerReader.of(caller.name, call.operation, text).field('nodeHealth').text())
      : !/\bnot\b/i.test(text)
    return { isReady, detail: text.slice(0, 200) }
  } catch (error) {
    if (error instanceof WakuRefusedError && error.status === 503) return { isReady: false, detail: error.detail }
    throw error
  }
}
