import type { RotateKeysResponse } from '@annals/proto/api/v1'
import type { CallContext } from '../server/calls.ts'

export async function rotateKeys({ keys }: CallContext): Promise<RotateKeysResponse> {
  return keys.rotate()
}
