import { headers, PermissionViolationError } from '@nats-io/transport-node'
import type { NatsLink } from './nats-link.ts'
import { pauseFor } from './patience.ts'

/** Subjects, or patterns of them, that somebody wants to use. */
export interface WantedSubjects {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** Stands for the tokens that a pattern leaves open. */
const openToken = 'annals-doctor'

/** What the server's refusals are waited for after its answer to the last question: the client tells of them later. */
const settleMilliseconds = 20

/**
 * Asks the server which of the subjects this user may not use, by using them so that nothing comes of it: a message is
 * for a stream that there is not, is no request that JetStream understands, and has no subject for an answer.
 * @throws NatsAnswerLostError
 */
export async function listRefusals(link: NatsLink, wanted: WantedSubjects): Promise<WantedSubjects> {
  const refusedPublishing = new Set<string>()
  const refusedSubscribing: string[] = []
  using _listening = link.onRefused(({ operation, subject }) => {
    if (operation === 'publish') refusedPublishing.add(subject)
  })
  const hdrs = headers()
  hdrs.set('Nats-Expected-Stream', openToken)
  const subscriptions = wanted.subscribe.map((subject) =>
    link.connection.subscribe(subject, {
      callback: (error) => {
        if (error instanceof PermissionViolationError) refusedSubscribing.push(subject)
      },
    }),
  )
  for (const pattern of wanted.publish) link.connection.publish(example(pattern), openToken, { headers: hdrs })
  // The server answers in order.
  await link.connection.flush()
  await pauseFor(settleMilliseconds)
  for (const subscription of subscriptions) if (!subscription.isClosed()) subscription.unsubscribe()
  return {
    publish: wanted.publish.filter((pattern) => refusedPublishing.has(example(pattern))),
    subscribe: refusedSubscribing,
  }
}

/** One of the subjects that a pattern stands for. */
function example(pattern: string): string {
  return pattern
    .split('.')
    .map((token) => (token === '*' || token === '>' ? openToken : token))
    .join('.')
}
