import * as api from '@annals/proto/api/v1'
import { addCommunity } from '../handlers/add-community.ts'
import { announceAgain } from '../handlers/announce-again.ts'
import { archiveNow } from '../handlers/archive-now.ts'
import { disableArchiving, enableArchiving } from '../handlers/change-archiving.ts'
import { changeChats } from '../handlers/change-chats.ts'
import { changeVisibility } from '../handlers/change-visibility.ts'
import { createGroupKey } from '../handlers/create-group-key.ts'
import { fetchArchives } from '../handlers/fetch-archives.ts'
import { getArchiveWay } from '../handlers/get-archive-way.ts'
import { getCommunity } from '../handlers/get-community.ts'
import { getDeadLetter } from '../handlers/get-dead-letter.ts'
import { getEvent } from '../handlers/get-event.ts'
import { getPublicLink } from '../handlers/get-public-link.ts'
import { getStatus } from '../handlers/get-status.ts'
import { handOverAnnouncement } from '../handlers/hand-over-announcement.ts'
import { createKey } from '../handlers/import-key.ts'
import { leaveCommunity } from '../handlers/leave-community.ts'
import { listArchives } from '../handlers/list-archives.ts'
import { listDeadLetters } from '../handlers/list-dead-letters.ts'
import { listGroupKeys } from '../handlers/list-group-keys.ts'
import { getHealth, listHealth } from '../handlers/list-health.ts'
import { listKeys } from '../handlers/list-keys.ts'
import { listTokens, revokeToken } from '../handlers/manage-tokens.ts'
import { rotateKeys } from '../handlers/rotate-keys.ts'
import { seedArchives } from '../handlers/seed-archives.ts'
import { dropDeadLetter, replayDeadLetter } from '../handlers/settle-dead-letter.ts'
import { streamEvents } from '../handlers/stream-events.ts'
import { streamMessages } from '../handlers/stream-messages.ts'
import type { ApiRoute } from './api-route.ts'
import { lines, paged, unary } from './api-route.ts'

const community = '/communities/:communityId'

/** Every route of the API that calls a method of the gateway's interface, with the very handler that gRPC calls. */
export const apiRoutes: readonly ApiRoute[] = [
  unary('GetStatus', ['GET', '/status', 'operator'], [api.GetStatusRequest, api.GetStatusResponse], getStatus),
  unary('ListHealth', ['GET', '/communities', 'token'], [api.ListHealthRequest, api.ListHealthResponse], listHealth),
  unary(
    'AddCommunity',
    ['POST', '/communities', 'operator'],
    [api.AddCommunityRequest, api.AddCommunityResponse],
    addCommunity,
    { withheld: ['controlNode.privateKey'] },
  ),
  unary('GetCommunity', ['GET', community, 'owner'], [api.GetCommunityRequest, api.GetCommunityResponse], getCommunity),
  unary('GetStatus', ['GET', `${community}/status`, 'owner'], [api.GetStatusRequest, api.GetStatusResponse], getStatus),
  unary(
    'GetHealth',
    ['GET', `${community}/health`, 'public'],
    [api.GetHealthRequest, api.GetHealthResponse],
    getHealth,
  ),
  unary(
    'ListArchives',
    ['GET', `${community}/archives`, 'public'],
    [api.ListArchivesRequest, api.ListArchivesResponse],
    listArchives,
  ),
  unary(
    'GetPublicLink',
    ['GET', '/public/communities/:communityId', 'public'],
    [api.GetPublicLinkRequest, api.GetPublicLinkResponse],
    getPublicLink,
  ),
  unary(
    'GetArchiveWay',
    ['GET', `${community}/archive-way`, 'owner'],
    [api.GetArchiveWayRequest, api.GetArchiveWayResponse],
    getArchiveWay,
  ),
  unary(
    'EnableArchiving',
    ['POST', `${community}/enable-archiving`, 'owner'],
    [api.EnableArchivingRequest, api.EnableArchivingResponse],
    enableArchiving,
  ),
  unary(
    'DisableArchiving',
    ['POST', `${community}/disable-archiving`, 'owner'],
    [api.DisableArchivingRequest, api.DisableArchivingResponse],
    disableArchiving,
  ),
  unary(
    'ArchiveNow',
    ['POST', `${community}/archive-now`, 'owner'],
    [api.ArchiveNowRequest, api.ArchiveNowResponse],
    archiveNow,
  ),
  unary(
    'AnnounceAgain',
    ['POST', `${community}/announce-again`, 'owner'],
    [api.AnnounceAgainRequest, api.AnnounceAgainResponse],
    announceAgain,
  ),
  unary(
    'ChangeVisibility',
    ['PUT', `${community}/visibility`, 'owner'],
    [api.ChangeVisibilityRequest, api.ChangeVisibilityResponse],
    changeVisibility,
  ),
  unary(
    'ChangeChats',
    ['PUT', `${community}/chats`, 'owner'],
    [api.ChangeChatsRequest, api.ChangeChatsResponse],
    changeChats,
  ),
  unary(
    'LeaveCommunity',
    ['POST', `${community}/leave`, 'owner'],
    [api.LeaveCommunityRequest, api.LeaveCommunityResponse],
    leaveCommunity,
  ),
  unary('Fetch', ['POST', `${community}/fetch`, 'owner'], [api.FetchRequest, api.FetchResponse], fetchArchives),
  unary(
    'TakeAnnouncement',
    ['POST', `${community}/announcement`, 'owner'],
    [api.TakeAnnouncementRequest, api.TakeAnnouncementResponse],
    handOverAnnouncement,
  ),
  unary('Seed', ['POST', `${community}/seed`, 'owner'], [api.SeedRequest, api.SeedResponse], seedArchives),
  unary(
    'CreateGroupKey',
    ['POST', `${community}/group-keys`, 'owner'],
    [api.CreateGroupKeyRequest, api.CreateGroupKeyResponse],
    createGroupKey,
  ),
  lines(
    'ListGroupKeys',
    ['GET', `${community}/group-keys`, 'owner'],
    [api.ListGroupKeysRequest, api.ListGroupKeysResponse],
    listGroupKeys,
  ),
  lines(
    'StreamMessages',
    ['GET', `${community}/messages`, 'owner'],
    [api.StreamMessagesRequest, api.StreamMessagesResponse],
    streamMessages,
  ),
  paged(
    'StreamEvents',
    ['GET', `${community}/events`, 'owner'],
    [api.StreamEventsRequest, api.StreamEventsResponse],
    (context, request) => streamEvents(context, { ...request, follow: false }),
    ({ sequence }) => sequence,
  ),
  paged(
    'StreamEvents',
    ['GET', '/log', 'operator'],
    [api.StreamEventsRequest, api.StreamEventsResponse],
    (context, request) => streamEvents(context, { ...request, follow: false }),
    ({ sequence }) => sequence,
  ),
  unary('GetEvent', ['GET', '/log/:sequence', 'operator'], [api.GetEventRequest, api.GetEventResponse], getEvent),
  paged(
    'ListDeadLetters',
    ['GET', '/dead-letters', 'operator'],
    [api.ListDeadLettersRequest, api.ListDeadLettersResponse],
    listDeadLetters,
    ({ deadLetter }) => deadLetter?.id ?? 0,
  ),
  paged(
    'ListDeadLetters',
    ['GET', `${community}/dead-letters`, 'owner'],
    [api.ListDeadLettersRequest, api.ListDeadLettersResponse],
    listDeadLetters,
    ({ deadLetter }) => deadLetter?.id ?? 0,
  ),
  unary(
    'GetDeadLetter',
    ['GET', '/dead-letters/:id', 'operator'],
    [api.GetDeadLetterRequest, api.GetDeadLetterResponse],
    getDeadLetter,
  ),
  unary(
    'ReplayDeadLetter',
    ['POST', '/dead-letters/:id/replay', 'operator'],
    [api.ReplayDeadLetterRequest, api.ReplayDeadLetterResponse],
    replayDeadLetter,
  ),
  unary(
    'DropDeadLetter',
    ['DELETE', '/dead-letters/:id', 'operator'],
    [api.DropDeadLetterRequest, api.DropDeadLetterResponse],
    dropDeadLetter,
  ),
  lines('ListKeys', ['GET', '/keys', 'operator'], [api.ListKeysRequest, api.ListKeysResponse], listKeys),
  unary('CreateKey', ['POST', '/keys', 'operator'], [api.CreateKeyRequest, api.CreateKeyResponse], createKey),
  unary(
    'RotateKeys',
    ['POST', '/keys/rotate', 'operator'],
    [api.RotateKeysRequest, api.RotateKeysResponse],
    rotateKeys,
  ),
  unary('ListTokens', ['GET', '/tokens', 'operator'], [api.ListTokensRequest, api.ListTokensResponse], listTokens),
  unary(
    'RevokeToken',
    ['DELETE', '/tokens/:tokenId', 'operator'],
    [api.RevokeTokenRequest, api.RevokeTokenResponse],
    revokeToken,
  ),
]

/** The methods that are not to be called over HTTP, and why. Together with `apiRoutes` these are all that there are. */
export const notOverHttp: Readonly<Record<string, string>> = {
  ListCommunities: 'ListHealth gives them in pages',
  IngestMessages: 'a stream both ways, for programs that collect messages',
  ImportMessages: 'a stream both ways; the command line splits exports for it',
  WatchProgress: 'of one process alone; the events say what is done',
  ReleaseControl: 'a step of a move between hosts, which the command line makes',
  TakeControl: 'a step of a move between hosts, which the command line makes',
  MoveOut: 'hands out keys',
  ImportKey: 'takes a private key',
  DelegateSigning: 'hands out a secret',
  ImportGroupKeys: 'takes keys',
  ExportGroupKeys: 'hands out keys',
  CreateToken: 'hands out a secret',
}
