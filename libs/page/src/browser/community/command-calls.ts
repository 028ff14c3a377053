import type { Client } from '../api/client.ts'

const path = (communityId: string, command: string): string => `/communities/${communityId}/${command}`

/** Each answers what happens now, as a sentence. @throws what `Client.ask` throws */
export async function archiveNow(client: Client, communityId: string): Promise<string> {
  await client.ask(path(communityId, 'archive-now'), { method: 'POST' })
  return 'It is due now. The steps show how far it is.'
}

export async function announceAgain(client: Client, communityId: string): Promise<string> {
  await client.ask(path(communityId, 'announce-again'), { method: 'POST' })
  return 'It is announced again.'
}

export async function switchArchiving(client: Client, communityId: string, on: boolean): Promise<string> {
  await client.ask(path(communityId, on ? 'enable-archiving' : 'disable-archiving'), { method: 'POST' })
  return on ? 'Archiving is on.' : 'Archiving is off.'
}

export async function switchPublic(client: Client, communityId: string, isPublic: boolean): Promise<string> {
  await client.ask(path(communityId, isPublic ? 'publish' : 'unpublish'), { method: 'POST' })
  return isPublic ? 'Anybody with the link can read it.' : 'Only tokens open it.'
}
