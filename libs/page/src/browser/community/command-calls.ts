import { ArchiveNowResponse } from '@annals/proto/api/v1'
import type { Client } from '../api/client.ts'
import { dateText } from '../parts/words.ts'

const path = (communityId: string, command: string): string => `/communities/${communityId}/${command}`

/** Each answers what happens now, as a sentence. @throws what `Client.ask` throws */
export async function archiveNow(client: Client, communityId: string): Promise<string> {
  const { from, asksStoresFirst } = ArchiveNowResponse.fromJSON(
    await client.ask(path(communityId, 'archive-now'), { method: 'POST', body: {} }),
  )
  const what = from === undefined ? 'What there is' : `What came since ${dateText(from)}`
  return asksStoresFirst
    ? `${what} is sealed once the store nodes were asked for what is missing.`
    : `${what} is sealed now. The steps show how far it is.`
}

export async function announceAgain(client: Client, communityId: string): Promise<string> {
  await client.ask(path(communityId, 'announce-again'), { method: 'POST', body: {} })
  return 'The newest archive goes out to all members once more.'
}

export async function switchArchiving(client: Client, communityId: string, on: boolean): Promise<string> {
  await client.ask(path(communityId, on ? 'enable-archiving' : 'disable-archiving'), { method: 'POST', body: {} })
  return on ? 'Archiving is on.' : 'Archiving is off.'
}

export async function switchPublic(client: Client, communityId: string, isPublic: boolean): Promise<string> {
  await client.ask(path(communityId, 'visibility'), { method: 'PUT', body: { public: isPublic } })
  return isPublic ? 'Anybody with the link can read it.' : 'Only tokens open it.'
}
