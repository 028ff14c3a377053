import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Secret } from '@annals/crypto'
import type { AttachRequest, AttachResponse } from '@annals/proto/signer/v1'
import type { ChannelCredentials, ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { SignerServiceClient } from '@annals/proto/signer/v1'
import { status } from '@grpc/grpc-js'
import type { OwnKey, SignerReport } from './answer-question.ts'
import { answerQuestion } from './answer-question.ts'
import { AttachRefusedError, HostNotTrustedError } from './attach-errors.ts'
import { isHostProof, keyProof, nonceBytes } from './attach-proofs.ts'

export interface SignerOptions extends OwnKey {
  /** The host's gRPC interface. */
  readonly address: string
  /** TLS, unless the address is on this machine. */
  readonly credentials: ChannelCredentials
  readonly token: Secret
  readonly signal: AbortSignal
  /** The host has taken this signer: it is asked from now on. */
  readonly onAttached?: () => void
  /** For each question, when it is answered. */
  readonly onAnswered: (report: SignerReport) => void
  /** The call ended, or there was none; the next one comes after a pause. */
  readonly onDetached: (error: ServiceError | undefined) => void
  /** Before the next call; 1 to 30 seconds where absent. */
  readonly pauseMilliseconds?: (failures: number) => number
}

const usualPause = (failures: number): number => Math.min(30_000, 1_000 * 2 ** Math.min(failures, 5))

/** A dead network is noticed after a minute, on this side; the host notices by the same pings. */
const channelOptions = {
  'grpc.keepalive_time_ms': 40_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.enable_http_proxy': 0,
}

/**
 * Calls the host, answers what it asks, and calls it again whenever the call ends, until the signal aborts.
 * @throws HostNotTrustedError, AttachRefusedError: calling again would not help; and what goes wrong with the memory
 */
export async function runSigner(options: SignerOptions): Promise<void> {
  const { signal, address, credentials, pauseMilliseconds = usualPause } = options
  const client = new SignerServiceClient(address, credentials, channelOptions)
  let failures = 0
  try {
    while (!signal.aborted) {
      const call = client.attach()
      const hangUp = (): void => call.cancel()
      signal.addEventListener('abort', hangUp, { once: true })
      try {
        await converse(call, { ...options, onAttached: () => ((failures = 0), options.onAttached?.()) })
        if (!signal.aborted) options.onDetached(undefined)
      } catch (error) {
        if (signal.aborted) return
        if (!isServiceError(error)) throw error
        if (error.code === status.PERMISSION_DENIED) throw new AttachRefusedError(options.communityId)
        options.onDetached(error)
      } finally {
        signal.removeEventListener('abort', hangUp)
        // What it still has to say, nobody waits for.
        call.on('error', () => undefined)
        call.cancel()
      }
      // A signal that aborts ends the pause alone.
      await setTimeout(pauseMilliseconds(failures++), undefined, { signal }).catch(() => undefined)
    }
  } finally {
    client.close()
  }
}

async function converse(
  call: ClientDuplexStream<AttachRequest, AttachResponse>,
  options: SignerOptions,
): Promise<void> {
  const { communityId, token, privateKey, address } = options
  const signerNonce = randomBytes(nonceBytes)
  const send = async (request: AttachRequest): Promise<void> => {
    if (!call.write(request)) await once(call, 'drain')
  }
  await send({ hello: { communityId, nonce: signerNonce } })
  let trusted = false
  for await (const { challenge, attached, question } of call as AsyncIterable<AttachResponse>) {
    if (!trusted && challenge !== undefined) {
      const handshake = { communityId, signerNonce, hostNonce: challenge.nonce }
      if (challenge.nonce.length !== nonceBytes || !isHostProof(challenge.tokenProof, token, handshake))
        throw new HostNotTrustedError(address)
      trusted = true
      await send({ proof: { signature: Buffer.from(keyProof(privateKey, handshake)) } })
    } else if (!trusted) throw new HostNotTrustedError(address)
    else if (attached !== undefined) options.onAttached?.()
    else if (question !== undefined) {
      const { answer, report } = await answerQuestion(options, question, Date.now())
      await send({ answer })
      options.onAnswered(report)
    }
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}
