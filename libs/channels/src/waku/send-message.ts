import { backoffMilliseconds, isWakuNodeError, messageHash, pauseFor, WakuRefusedError } from '@annals/waku'
import type { ChatTopic, WakuMessage, WakuNode } from '@annals/waku'
import { MessageNotConfirmedError } from './errors.ts'
import { otherStores } from './other-stores.ts'

export interface SendMessageOptions {
  readonly relays: readonly WakuNode[]
  readonly stores: readonly WakuNode[]
  readonly publishBy: 'relay' | 'lightpush'
  readonly topic: ChatTopic
  /** A message with the payload, of this moment: stores take none that is older than 20 s. */
  readonly make: () => Promise<WakuMessage>
  readonly patienceMilliseconds: number
  readonly signal: AbortSignal
}

interface Sent {
  readonly hash: string
  readonly message: WakuMessage
  readonly madeAtMilliseconds: number
  /** Names of the nodes that had it. A node passes a message on once. */
  readonly givenTo: Set<string>
}

const freshMilliseconds = 10_000
/** So long a store may take to hear of a message before it is sent again. */
const confirmMilliseconds = 5_000
/** A store that is slower than this is not waited for: it is asked again. */
const lookLimitMilliseconds = 2_000
const betweenLooksMilliseconds = 200

/**
 * Sends a message until a store has it: that a node took it means little.
 * @throws MessageNotConfirmedError; the signal's reason
 */
export async function sendMessage(options: SendMessageOptions): Promise<void> {
  const { relays, patienceMilliseconds, signal } = options
  const deadline = performance.now() + patienceMilliseconds
  const sent: Sent[] = []
  let failure: unknown
  for (let tries = 0; ; tries += 1) {
    // Another one each time: a node passes the same message on only once, and its links may be dead.
    const relay = relays[tries % relays.length]
    if (relay === undefined) throw new MessageNotConfirmedError([], 0, new Error('there is no node to send it by'))
    const message = await messageFor(relay, sent, options)
    let wasTaken = true
    try {
      await give(relay, message.message, options)
    } catch (error) {
      signal.throwIfAborted()
      if (!isWakuNodeError(error)) throw error
      failure = error
      wasTaken = false
    }
    // A node whose answer was lost may have passed it on.
    const until = Math.min(deadline, performance.now() + (wasTaken ? confirmMilliseconds : 0))
    if (await isConfirmed(relay, sent, until, options)) return
    if (performance.now() >= deadline)
      throw new MessageNotConfirmedError(
        sent.map(({ hash }) => hash),
        patienceMilliseconds,
        failure,
      )
    if (!wasTaken) await pauseFor(backoffMilliseconds(tries), signal)
  }
}

/** The last one made where the node has not had it and stores still take it, else another one with the same payload. */
async function messageFor(relay: WakuNode, sent: Sent[], { make, topic }: SendMessageOptions): Promise<Sent> {
  const last = sent.at(-1)
  const isUsable =
    last !== undefined &&
    !last.givenTo.has(relay.name) &&
    performance.now() - last.madeAtMilliseconds < freshMilliseconds
  if (isUsable) {
    last.givenTo.add(relay.name)
    return last
  }
  const message = await make()
  const hash = messageHash(topic.pubsubTopic, message)
  const made = { hash, message, madeAtMilliseconds: performance.now(), givenTo: new Set([relay.name]) }
  sent.push(made)
  return made
}

async function give(relay: WakuNode, message: WakuMessage, options: SendMessageOptions): Promise<void> {
  const { publishBy, topic, signal } = options
  if (publishBy === 'lightpush') return relay.lightpush(topic.pubsubTopic, message, signal)
  try {
    await relay.publish(topic.pubsubTopic, message, signal)
  } catch (error) {
    // A node that was restarted relays only what it is subscribed to; some say 400, some 404.
    if (!(error instanceof WakuRefusedError) || error.status >= 500) throw error
    await relay.subscribe([topic.pubsubTopic], signal)
    await relay.publish(topic.pubsubTopic, message, signal)
  }
}

async function isConfirmed(
  relay: WakuNode,
  sent: readonly Sent[],
  until: number,
  options: SendMessageOptions,
): Promise<boolean> {
  const stores = otherStores(options.stores, [relay])
  const last = sent.at(-1)
  for (;;) {
    if (last !== undefined && (await anyHas(stores, last, options))) return true
    options.signal.throwIfAborted()
    if (performance.now() >= until) break
    await pauseFor(betweenLooksMilliseconds, options.signal)
  }
  for (const earlier of sent.slice(0, -1)) if (await anyHas(stores, earlier, options)) return true
  options.signal.throwIfAborted()
  return false
}

/** Resolves as soon as one of them says that it has it. */
async function anyHas(stores: readonly WakuNode[], sent: Sent, options: SendMessageOptions): Promise<boolean> {
  const { topic, signal } = options
  const limited = AbortSignal.any([signal, AbortSignal.timeout(lookLimitMilliseconds)])
  const time = sent.message.timestampNanoseconds
  const query = { ...topic, contentTopics: [topic.contentTopic], fromNanoseconds: time, toNanoseconds: time }
  const looks = stores.map(async (store) => {
    try {
      const hashes = await store.storedHashes(query, limited)
      if (hashes.has(sent.hash)) return
    } catch (error) {
      if (!limited.aborted && !isWakuNodeError(error)) throw error
    }
    throw notThere
  })
  try {
    await Promise.any(looks)
    return true
  } catch (error) {
    const defect = (error as AggregateError).errors.find((each: unknown) => each !== notThere)
    if (defect !== undefined) throw defect
    return false
  }
}

/** For `Promise.any`: a store that does not have it. */
const notThere = new Error('the store does not have it')
