import type { CreateKeyResponse, ImportKeyRequest, ImportKeyResponse } from '@annals/proto/api/v1'
import { keepGivenKey } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

export function importKey(context: CallContext, { privateKey }: ImportKeyRequest): Promise<ImportKeyResponse> {
  return keepGivenKey(context, privateKey, 'private_key')
}

/** A caller that hears no answer leaves a key behind that nothing uses. */
export async function createKey({ keys }: CallContext): Promise<CreateKeyResponse> {
  return { communityId: await keys.communities.create() }
}
