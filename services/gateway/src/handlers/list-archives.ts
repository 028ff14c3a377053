import type { ListArchivesRequest, ListArchivesResponse } from '@annals/proto/api/v1'
import { wantedKeyText } from '@annals/keys'
import { catalogues, emptyCatalogue, waitingArchives } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiArchive } from '../to-api.ts'

export async function listArchives(context: CallContext, request: ListArchivesRequest): Promise<ListArchivesResponse> {
  const { communityId } = await knownCommunity(context, request.communityId)
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value ?? emptyCatalogue
  const waiting = new Map<string, string>()
  for await (const { value } of context.state.collection(waitingArchives).list({ prefix: `${communityId}/` }))
    waiting.set(value.blob, wantedKeyText(value.wantedKey))
  return {
    archives: catalogue.archives.map((archive) => toApiArchive(archive, waiting.get(archive.blob) ?? '')),
    infoHash: catalogue.torrent?.infoHash ?? '',
    magnetLink: catalogue.torrent?.magnetLink ?? '',
    generation: catalogue.generation,
    lastArchivedEnd: catalogue.lastArchivedEnd,
  }
}
