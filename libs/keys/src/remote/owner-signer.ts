import type { SignatureRequest, Signer } from '@annals/crypto'
import type { StateStore } from '@annals/storage'
import { SignerRefusedError, SignerUnavailableError, fromHex, toHex } from '@annals/crypto'
import { signatureAnswers, signatureRequests, updateDocument } from '@annals/storage'

/**
 * Asks owners' signers by way of the state store: a request stands there until it is answered, whichever process the
 * owner's signer calls, and whatever dies meanwhile. Does not wait: who asks asks again.
 */
export class OwnerSigner implements Signer {
  readonly #state: StateStore
  readonly #nowSeconds: () => number

  constructor(state: StateStore, nowSeconds: () => number) {
    this.#state = state
    this.#nowSeconds = nowSeconds
  }

  /** @throws SignerUnavailableError while there is no answer; SignerRefusedError once for each refusal */
  async sign({ communityId, type, payload }: SignatureRequest): Promise<Uint8Array> {
    const id = `${communityId}/${type}`
    const wanted = toHex(payload)
    const answers = this.#state.collection(signatureAnswers)
    const answer = await answers.get(id)
    if (answer?.value.payload === wanted) {
      const { signature, refusal } = answer.value
      if (signature !== undefined) return fromHex(signature)
      // So that asking again asks the owner again, who may have put right what was wrong.
      await answers.delete(id, answer.version)
      throw new SignerRefusedError(communityId, refusal ?? 'no reason was given')
    }
    await updateDocument(this.#state.collection(signatureRequests), id, (value) =>
      value?.payload === wanted ? undefined : { communityId, type, payload: wanted, askedAt: this.#nowSeconds() },
    )
    throw new SignerUnavailableError(communityId)
  }
}
