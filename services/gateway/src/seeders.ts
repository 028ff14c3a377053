import type { ServiceContext } from '@annals/service'
import type { Seeder } from '@annals/proto/api/v1'
import { instances, servings } from '@annals/storage'

/** Which seeders serve a community, where these are processes of their own. */
export async function seedersOf(context: Pick<ServiceContext, 'state'>, communityId: string): Promise<Seeder[]> {
  return (await seedersByCommunity(context, `${communityId}/`)).get(communityId) ?? []
}

/** The same of all communities. */
export async function seedersByCommunity(
  { state }: Pick<ServiceContext, 'state'>,
  prefix = '',
): Promise<Map<string, Seeder[]>> {
  const places = new Map<string, { readonly host: string; readonly port: number } | undefined>()
  for await (const { value } of state.collection(instances).list({ prefix: 'seeder/' }))
    places.set(value.instance, value.torrents)
  const seeders = new Map<string, Seeder[]>()
  for await (const { id, value } of state.collection(servings).list({ prefix })) {
    const [communityId = '', instance = ''] = id.split('/')
    // What one that is no more has left behind.
    if (!places.has(instance)) continue
    const { host = '', port = 0 } = places.get(instance) ?? {}
    const ofCommunity = seeders.get(communityId) ?? []
    const { infoHash, peers = 0, uploadedBytes = 0 } = value
    ofCommunity.push({ instance, infoHash, host, port, peers, uploadedBytes })
    seeders.set(communityId, ofCommunity)
  }
  return seeders
}
