import { ChannelUnavailableError } from '@annals/channels'
import { BusUnavailableError } from '@annals/events'
import { NatsPermissionError, NoRespondersError, type NatsLink } from '@annals/nats'
import { PermissionViolationError } from '@nats-io/transport-node'

/** What was refused for want of a permission. */
export interface Refusal {
  readonly operation: 'publish' | 'subscribe'
  readonly subject: string
}

/** How a call was refused; `undefined` where it was not. What else goes wrong is thrown. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    const isOfPort = error instanceof BusUnavailableError || error instanceof ChannelUnavailableError
    const cause = isOfPort ? error.cause : error
    if (cause instanceof NatsPermissionError) return { operation: cause.operation, subject: cause.subject }
    throw error
  }
}

/** How a message on a subject was refused; `undefined` where it was not, whether somebody answers or nobody listens. */
export async function publicationRefusal(link: NatsLink, subject: string): Promise<Refusal | undefined> {
  try {
    return await refusalOf(link.request(subject, '{}'))
  } catch (error) {
    if (error instanceof NoRespondersError) return undefined
    throw error
  }
}

/** How a subscription was refused; `undefined` where it was not. */
export async function subscriptionRefusal(link: NatsLink, subject: string): Promise<Refusal | undefined> {
  let refusal: Refusal | undefined
  const subscription = link.connection.subscribe(subject, {
    callback: (error) => {
      if (error instanceof PermissionViolationError) refusal = { operation: 'subscribe', subject: error.subject }
    },
  })
  // The server answers in order.
  await link.connection.flush()
  if (!subscription.isClosed()) subscription.unsubscribe()
  return refusal
}
