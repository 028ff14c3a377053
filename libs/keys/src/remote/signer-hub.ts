import { setTimeout } from 'node:timers/promises'
import type { SignatureRequest } from '@annals/crypto'
import type { Answer } from '@annals/proto/signer/v1'
import type { SignatureRequestDocument, StateStore, Versioned } from '@annals/storage'
import type { Logger } from 'pino'
import { SignerError, checkSignature, fromHex, toHex } from '@annals/crypto'
import { VersionConflictError, signatureAnswers, signatureRequests, updateDocument } from '@annals/storage'

const pollMilliseconds = 500

/** An owner's signer that is there. */
export interface AttachedSigner {
  readonly communityId: string
  /** Asks for a signature; the answer comes whenever it comes. */
  ask(request: Versioned<SignatureRequestDocument>): void
}

/** Brings what waits for owners' signatures to the signers that called this process, and their answers into the store. */
export class SignerHub implements AsyncDisposable {
  readonly #state: StateStore
  readonly #log: Logger
  readonly #attached = new Map<string, Set<AttachedSigner>>()
  readonly #stop = new AbortController()
  #loop: Promise<void> | undefined

  constructor(state: StateStore, log: Logger) {
    this.#state = state
    this.#log = log
  }

  /** From now on the signer is asked. Disposing ends that. */
  attach(signer: AttachedSigner): Disposable {
    const { communityId } = signer
    const signers = this.#attached.get(communityId) ?? new Set()
    this.#attached.set(communityId, signers.add(signer))
    this.#loop ??= this.#ask()
    return {
      [Symbol.dispose]: () => {
        signers.delete(signer)
        if (signers.size === 0) this.#attached.delete(communityId)
      },
    }
  }

  /** Keeps an answer. A signature that is not the community's counts as a refusal. */
  async settle({ id, value, version }: Versioned<SignatureRequestDocument>, answer: Answer): Promise<void> {
    const { payload } = value
    const kept = { payload, ...outcomeOf(value, answer) }
    // First the answer, then the request: after a crash in between the same is asked and answered again.
    await updateDocument(this.#state.collection(signatureAnswers), id, () => kept)
    try {
      await this.#state.collection(signatureRequests).delete(id, version)
    } catch (error) {
      // Something newer is to be signed by now.
      if (!(error instanceof VersionConflictError)) throw error
    }
    const { communityId, type } = value
    if (kept.refusal === undefined) this.#log.info({ communityId, type }, 'the owner has signed')
    else this.#log.warn({ communityId, type, refusal: kept.refusal }, 'the owner refuses to sign')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  /** Looks for what waits, as long as anybody is there to be asked; never rejects. */
  async #ask(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted && this.#attached.size > 0) {
      try {
        for await (const row of this.#state.collection(signatureRequests).list())
          for (const signer of this.#attached.get(row.value.communityId) ?? []) signer.ask(row)
      } catch (error) {
        this.#log.warn({ err: error }, 'what waits for signatures could not be looked at; trying again')
      }
      // A signal that aborts ends the pause alone.
      await setTimeout(pollMilliseconds, undefined, { signal }).catch(() => undefined)
    }
    this.#loop = undefined
  }
}

function outcomeOf(
  { communityId, type, payload }: SignatureRequestDocument,
  { signature, refusal }: Answer,
): { readonly signature?: string; readonly refusal?: string } {
  if (signature === undefined) return { refusal: (refusal ?? '').slice(0, 500) || 'no reason was given' }
  try {
    checkSignature({ communityId, type, payload: fromHex(payload) } as SignatureRequest, signature)
    return { signature: toHex(signature) }
  } catch (error) {
    if (error instanceof SignerError) return { refusal: error.message }
    throw error
  }
}
