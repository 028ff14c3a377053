import { ObjectId, type Collection, type UpdateFilter } from 'mongodb'
import type { Claim } from '../state-store.ts'
import type { Candidate } from './due-candidates.ts'
import type { MongoLink } from './mongo-link.ts'
import { upTo, type StateDocument } from './state-documents.ts'

/**
 * Claims what is still to be had of the candidates, and answers it in their order. The server looks at each document
 * and changes it in one step, so each goes to one of all who ask. An answer that is lost leaves claims that nobody
 * knows of; they end with their lease.
 */
export async function claimCandidates(
  link: MongoLink,
  documents: Collection<StateDocument>,
  candidates: readonly Candidate[],
  claim: Claim,
): Promise<readonly StateDocument[]> {
  const operation = `claim in ${documents.collectionName}`
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) {
    const filter = { _id: only.id, [only.wasHeld ? 'heldUntil' : 'readyAt']: upTo(claim.now) }
    const won = await link.run(operation, () =>
      documents.findOneAndUpdate(filter, take(claim, new ObjectId()), { returnDocument: 'after' }),
    )
    return won === null ? [] : [won]
  }
  // Known by it when they are read back.
  const token = new ObjectId()
  const ids = candidates.map(({ id }) => id)
  const won = await link.run(
    operation,
    async () => {
      for (const wasHeld of [true, false]) {
        // In one order, so that no two wait for each other.
        const some = candidates.filter((each) => each.wasHeld === wasHeld).map(({ id }) => id)
        const field = wasHeld ? 'heldUntil' : 'readyAt'
        const filter = { _id: { $in: some.sort() }, [field]: upTo(claim.now) }
        if (some.length > 0) await documents.updateMany(filter, take(claim, token))
      }
      return documents.find({ _id: { $in: ids }, claim: token }).toArray()
    },
    { repeatable: true },
  )
  const byId = new Map(won.map((document) => [document._id, document]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function take({ owner, now, leaseSeconds }: Claim, claim: ObjectId): UpdateFilter<StateDocument> {
  // It is due, so the end of the lease is the later of both.
  return { $inc: { version: 1 }, $set: { owner, claim, heldUntil: now + leaseSeconds }, $unset: { readyAt: '' } }
}
