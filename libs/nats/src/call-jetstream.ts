import { JetStreamRefusedError, JetStreamUnavailableError, NoRespondersError } from './errors.ts'
import { isRefusal } from './error-codes.ts'
import type { NatsLink } from './nats-link.ts'

/** An answer that may be a refusal. */
export interface Refusable {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string }
}

/**
 * Calls JetStream's interface: `STREAM.INFO.ANNALS` and the like.
 * @throws JetStreamRefusedError, JetStreamUnavailableError, NatsPermissionError, NoRespondersError, NatsAnswerLostError
 */
export async function callJetStream<T>(link: NatsLink, name: string, body: object = {}): Promise<T> {
  const subject = `$JS.API.${name}`
  const answer = (await link.request(subject, JSON.stringify(body))).json<T & Refusable>()
  refuseIfRefused(subject, answer)
  return answer
}

/** @throws JetStreamRefusedError, JetStreamUnavailableError */
export function refuseIfRefused(subject: string, { error }: Refusable): void {
  if (error === undefined) return
  const refused = new JetStreamRefusedError(subject, error.code, error.err_code ?? 0, error.description ?? '')
  throw isRefusal(refused, 'notEnabled', 'notEnabledForAccount') ? new JetStreamUnavailableError(refused) : refused
}

/**
 * Whether JetStream is there. A server that starts has it a moment later, so ask with patience; without it nobody
 * answers.
 * @throws JetStreamUnavailableError, NatsPermissionError, NatsAnswerLostError
 */
export async function checkJetStream(link: NatsLink): Promise<void> {
  try {
    await callJetStream(link, 'INFO')
  } catch (error) {
    throw error instanceof NoRespondersError ? new JetStreamUnavailableError(error) : error
  }
}
