import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { eventId } from '@annals/events'
import { NoGroupKeyError, SequencesExhaustedError } from '@annals/keys'

/** What turns the bytes of an archive, or of an index, into those that stand in the torrent. */
export type Encryption = (plain: Uint8Array) => Promise<Uint8Array>

/**
 * How a community's archives are encrypted; `undefined` where they are not. What was encrypted once is never sealed plain
 * again, whatever became of the key.
 * @throws NoGroupKeyError, and what the key store throws where the key cannot be read
 */
export async function encryptionOf(
  context: ServiceContext,
  communityId: string,
  before: Pick<Catalogue, 'encrypted'>,
): Promise<Encryption | undefined> {
  const { cipher } = context.keys
  if (!(await cipher.encrypts(communityId))) {
    if (before.encrypted === true) throw new NoGroupKeyError(communityId)
    return undefined
  }
  return async (plain) => {
    try {
      return await cipher.encrypt(communityId, plain)
    } catch (error) {
      if (!(error instanceof SequencesExhaustedError)) throw error
      await replaceKey(context, communityId, error)
      return cipher.encrypt(communityId, plain)
    }
  }
}

/** Says so first: after a crash in between, a new key is made under the same event. */
async function replaceKey(
  context: ServiceContext,
  communityId: string,
  { keyId }: SequencesExhaustedError,
): Promise<void> {
  context.log.warn({ communityId, keyId }, 'the numbers of a group key are used up; a new key takes its place')
  await context.bus.publish(
    {
      id: eventId('GroupKeyExhausted', communityId, keyId),
      name: 'GroupKeyExhausted',
      communityId,
      payload: { keyId },
    },
    { source: 'archiver' },
  )
  await context.keys.groups.create(communityId, context.clock.nowMilliseconds(), true)
}
