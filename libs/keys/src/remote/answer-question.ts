import type { SignableType, Secret } from '@annals/crypto'
import type { Answer, Question } from '@annals/proto/signer/v1'
import { SignerRefusedError, keccak256, readSignable, signWithKey, signableTypes, toHex } from '@annals/crypto'
import type { SignerMemory } from './signer-memory.ts'

/** Announcements carry the time: one from far ahead would make members deaf to all others until then. */
const furthestAheadMilliseconds = 24 * 3_600_000

/** What an owner's signer works with. */
export interface OwnKey {
  readonly communityId: string
  readonly privateKey: Secret
  readonly memory: SignerMemory
}

/** What a signer tells its owner of each question. */
export interface SignerReport {
  readonly type: number
  readonly clock?: number
  readonly magnetLink?: string
  /** Why it was not signed; absent where it was. */
  readonly refusal?: string
}

/** Looks at what is to be signed, and signs or refuses it. What goes wrong with the memory comes through. */
export async function answerQuestion(
  { communityId, privateKey, memory }: OwnKey,
  { id, type, payload }: Question,
  nowMilliseconds: number,
): Promise<{ readonly answer: Answer; readonly report: SignerReport }> {
  let report: SignerReport = { type }
  try {
    const signable = readSignable({ communityId, type, payload })
    report = { type, ...signable }
    const known = type as SignableType
    if (known === signableTypes.magnetLink && signable.clock > nowMilliseconds + furthestAheadMilliseconds)
      throw new SignerRefusedError(communityId, `clock ${signable.clock} is more than a day ahead of the signer's`)
    await memory.remember(known, signable.clock, toHex(keccak256(payload)))
    const signature = signWithKey(privateKey, { communityId, type: known, payload })
    return { answer: { questionId: id, signature: Buffer.from(signature) }, report }
  } catch (error) {
    if (!(error instanceof SignerRefusedError)) throw error
    return { answer: { questionId: id, refusal: error.reason }, report: { ...report, refusal: error.reason } }
  }
}
