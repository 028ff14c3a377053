import { randomBytes } from 'node:crypto'
import type { Answer, AttachRequest, AttachResponse } from '@annals/proto/signer/v1'
import type { SignatureRequestDocument, Versioned } from '@annals/storage'
import { Secret, fromHex, parseCommunityId } from '@annals/crypto'
import type { CommunityKeys } from '../community-keys.ts'
import { hostProof, isKeyProof, nonceBytes } from './attach-proofs.ts'
import { AttachProtocolError, AttachRefusedError } from './attach-errors.ts'
import type { SignerHub } from './signer-hub.ts'

/** Asked at once of a signer; the next ones wait for answers. */
const questionsAtOnce = 4

/** The host's side of a call of an owner's signer. */
export interface AttachedCall {
  /** What the signer says; ends when it hangs up. */
  readonly requests: AsyncIterable<AttachRequest>
  readonly send: (response: AttachResponse) => void
}

/**
 * Leads the host's side of an owner's signer's call, until the signer hangs up.
 * @throws AttachProtocolError, AttachRefusedError
 */
export async function attachSigner(
  keys: CommunityKeys,
  hub: SignerHub,
  { requests, send }: AttachedCall,
): Promise<void> {
  let handshake:
    | { readonly communityId: string; readonly signerNonce: Uint8Array; readonly hostNonce: Buffer }
    | undefined
  let conversation: Conversation | undefined
  try {
    for await (const { hello, proof, answer } of requests) {
      if (handshake === undefined && hello !== undefined) {
        const { communityId, nonce: signerNonce } = hello
        if (signerNonce.length !== nonceBytes)
          throw new AttachProtocolError(`sent a nonce of ${signerNonce.length} bytes`)
        checkId(communityId)
        handshake = { communityId, signerNonce, hostNonce: randomBytes(nonceBytes) }
        // To somebody who only tries, a community without a signer looks like one with a signer.
        const token = (await keys.signerToken(communityId)) ?? new Secret(randomBytes(32))
        send({ challenge: { nonce: handshake.hostNonce, tokenProof: hostProof(token, handshake) } })
      } else if (handshake !== undefined && conversation === undefined && proof !== undefined) {
        const { communityId } = handshake
        const isOwner = isKeyProof(proof.signature, handshake)
        if (!isOwner || (await keys.holder(communityId)) !== 'owner') throw new AttachRefusedError(communityId)
        send({ attached: {} })
        conversation = new Conversation(communityId, hub, send)
      } else if (conversation !== undefined && answer !== undefined) await conversation.take(answer)
      else throw new AttachProtocolError('spoke out of turn')
    }
  } finally {
    conversation?.[Symbol.dispose]()
  }
}

/** @throws AttachProtocolError */
function checkId(communityId: string): void {
  try {
    parseCommunityId(communityId)
  } catch {
    throw new AttachProtocolError('named no community')
  }
}

/** Questions and answers. */
class Conversation implements Disposable {
  readonly communityId: string
  readonly #hub: SignerHub
  readonly #send: AttachedCall['send']
  readonly #attachment: Disposable
  readonly #asked = new Map<number, Versioned<SignatureRequestDocument>>()
  #questions = 0

  constructor(communityId: string, hub: SignerHub, send: AttachedCall['send']) {
    this.communityId = communityId
    this.#hub = hub
    this.#send = send
    this.#attachment = hub.attach(this)
  }

  ask(row: Versioned<SignatureRequestDocument>): void {
    if (this.#asked.size >= questionsAtOnce) return
    for (const { id, version } of this.#asked.values()) if (id === row.id && version === row.version) return
    this.#questions += 1
    this.#asked.set(this.#questions, row)
    const { type, payload } = row.value
    this.#send({ question: { id: this.#questions, type, payload: Buffer.from(fromHex(payload)) } })
  }

  async take(answer: Answer): Promise<void> {
    const row = this.#asked.get(answer.questionId)
    if (row === undefined) throw new AttachProtocolError(`answered ${answer.questionId}, which was not asked`)
    try {
      await this.#hub.settle(row, answer)
    } finally {
      this.#asked.delete(answer.questionId)
    }
  }

  [Symbol.dispose](): void {
    this.#attachment[Symbol.dispose]()
  }
}
