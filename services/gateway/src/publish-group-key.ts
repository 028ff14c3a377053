import type { GroupKeyInfo } from '@annals/keys'
import { toHex } from '@annals/crypto'
import { eventId } from '@annals/events'
import type { GatewayContext } from './server/gateway-context.ts'

/** Says that a key is kept, which whoever waits for it hears. */
export async function publishGroupKey(
  context: Pick<GatewayContext, 'bus'>,
  { communityId, keyId, groupId }: GroupKeyInfo,
): Promise<void> {
  await context.bus.publish(
    {
      id: eventId('GroupKeyAdded', communityId, toHex(keyId)),
      name: 'GroupKeyAdded',
      communityId,
      payload: { keyId: toHex(keyId), groupId: toHex(groupId) },
    },
    { source: 'gateway' },
  )
}
