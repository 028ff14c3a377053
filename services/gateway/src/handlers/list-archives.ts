import type { ListArchivesRequest, ListArchivesResponse } from '@annals/proto/api/v1'
import { catalogues, emptyCatalogue } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiArchive } from '../to-api.ts'

export async function listArchives(context: CallContext, request: ListArchivesRequest): Promise<ListArchivesResponse> {
  const { communityId } = await knownCommunity(context, request.communityId)
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value ?? emptyCatalogue
  return {
    archives: catalogue.archives.map(toApiArchive),
    infoHash: catalogue.torrent?.infoHash ?? '',
    magnetLink: catalogue.torrent?.magnetLink ?? '',
    generation: catalogue.generation,
    lastArchivedEnd: catalogue.lastArchivedEnd,
  }
}
