import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { askHttp, operatorOf, reasonOf } from '../testing/http-client.ts'
import { ask } from '../testing/test-gateway.ts'

let gateway: TestGateway
let token: string
let communityId: string
beforeAll(async () => {
  gateway = await startTestGateway({ httpLimits: { requestsPerMinute: 10_000 } })
  token = await operatorOf(gateway)
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await ask(gateway.client, 'addCommunity', { controlNode, name: 'One', chats: [] })
  communityId = community?.communityId ?? ''
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** What a server that believes these proxies answers to one request each; a second one of an address is too many. */
async function askFor(ANNALS_TRUSTED_PROXIES: string, clients: readonly string[]): Promise<number[]> {
  await using behind = await startTestGateway({
    env: { ANNALS_TRUSTED_PROXIES },
    httpLimits: { requestsPerMinute: 1 },
  })
  const statuses: number[] = []
  for (const client of clients)
    statuses.push((await askHttp(behind, '/api/openapi.json', { headers: { 'x-forwarded-for': client } })).status)
  return statuses
}

describe('an answer', () => {
  it('has the fields of the protocol as JSON names them', async () => {
    const answer = await askHttp(gateway, `/api/v1/communities/${communityId}`, { token })
    expect(answer.json()).toEqual({ community: { communityId, name: 'One', controlNode: true, joined: true } })
    expect(answer.headers['cache-control']).toBe('private, no-cache')
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('has events that can be read', async () => {
    const answer = await askHttp(gateway, '/api/v1/log/1', { token })
    expect(answer.json()).toMatchObject({
      event: { sequence: 1, name: 'CommunityAdded', communityId, payload: { controlNode: true, name: 'One' } },
    })
  })

  it('in pages goes on where the one before ended', async () => {
    await ask(gateway.client, 'enableArchiving', { communityId })
    await ask(gateway.client, 'disableArchiving', { communityId })
    const path = `/api/v1/communities/${communityId}/events`
    const first = (await askHttp(gateway, `${path}?limit=2`, { token })).json()
    expect(first).toMatchObject({ items: [{ name: 'CommunityAdded' }, { name: 'ArchivingEnabled' }] })
    const second = (await askHttp(gateway, `${path}?limit=2&after=${Number(first['next'])}`, { token })).json()
    expect(second).toMatchObject({ items: [{ name: 'ArchivingDisabled' }] })
    expect(second).not.toHaveProperty('next')
    const named = (await askHttp(gateway, `${path}?names=ArchivingDisabled&names=CommunityAdded`, { token })).json()
    expect(named).toMatchObject({ items: [{ name: 'CommunityAdded' }, { name: 'ArchivingDisabled' }] })
  })

  it('in lines is one message a line', async () => {
    const answer = await askHttp(gateway, '/api/v1/keys', { token })
    expect(answer.headers['content-type']).toContain('application/x-ndjson')
    const rows = answer.text.trim().split('\n')
    expect(rows.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ communityId, holder: 'KEY_HOLDER_NODE' }])
  })

  it('in lines that cannot begin is a problem like any other', async () => {
    const { communityId: stranger } = await ask(gateway.client, 'createKey', {})
    const answer = await askHttp(gateway, `/api/v1/communities/${stranger}/messages`, { token })
    expect(answer).toMatchObject({ status: 404 })
    expect(reasonOf(answer)).toBe('COMMUNITY_UNKNOWN')
    const none = await askHttp(gateway, `/api/v1/communities/${communityId}/messages`, { token })
    expect(none).toMatchObject({ status: 200, text: '' })
  })

  it('to everybody may be read by pages of others', async () => {
    await ask(gateway.client, 'changeVisibility', { communityId, public: true })
    const path = `/api/v1/public/communities/${communityId}`
    const answer = await askHttp(gateway, path, { headers: { origin: 'https://reader.example' } })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.json()).toEqual({ communityId, name: 'One' })
    await ask(gateway.client, 'changeVisibility', { communityId, public: false })
    expect(await askHttp(gateway, path)).toMatchObject({ status: 401 })
  })
})

describe('a refusal', () => {
  it('has the reason of gRPC, the status that goes with it, and what to do', async () => {
    const { communityId: stranger } = await ask(gateway.client, 'createKey', {})
    for (const [path, status, reason] of [
      [`/api/v1/communities/${stranger}/leave`, 404, 'COMMUNITY_UNKNOWN'],
      ['/api/v1/communities/0x12/leave', 400, 'INVALID_REQUEST'],
      [`/api/v1/communities/${communityId}/archive-now`, 409, 'ARCHIVING_OFF'],
      [`/api/v1/communities/${communityId}/announce-again`, 409, 'ARCHIVING_OFF'],
      ['/api/v1/dead-letters/7/replay', 404, 'DEAD_LETTER_UNKNOWN'],
    ] as const) {
      const answer = await askHttp(gateway, path, { method: 'POST', token })
      expect(answer.status).toBe(status)
      expect(answer.json()).toMatchObject({ type: `urn:annals:problem:${reason}`, status })
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  it('names the field that is wrong', async () => {
    const chats = [{ channelId: 'a' }, { channelId: 'b', name: 5 }]
    const path = `/api/v1/communities/${communityId}/chats`
    expect((await askHttp(gateway, path, { method: 'PUT', token, body: { chats } })).json()).toMatchObject({
      errors: [{ field: 'chats[1].name', description: 'must be string' }],
    })
    const bad = await askHttp(gateway, path, { method: 'PUT', token, body: { chats: [{ channelId: 'a b' }] } })
    expect(bad.json()).toMatchObject({ errors: [{ field: 'chats[0].channelId' }] })
  })

  it('is what a private key gets, which is not shown again', async () => {
    const privateKey = Buffer.alloc(32, 7).toString('base64')
    const body = { controlNode: { privateKey }, name: 'x' }
    const answer = await askHttp(gateway, '/api/v1/communities', { method: 'POST', token, body })
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ field: 'controlNode.privateKey' }] })
    expect(answer.text).not.toContain(privateKey)
  })
})

describe('who comes by another way', () => {
  it('is sent back where the Host header names a host that this is not', async () => {
    for (const host of [
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '@localhost',
    ])
      expect(await askHttp(gateway, '/api/v1/status', { token, headers: { host } })).toMatchObject({
        status: 421,
      })
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:9', '[::1]:9', '10.0.0.7'])
      expect(await askHttp(gateway, '/api/v1/status', { token, headers: { host } })).toMatchObject({ status: 200 })
  })

  it('may come by the public address, and by no other name', async () => {
    await using shown = await startTestGateway({ env: { ANNALS_PUBLIC_URL: 'https://annals.example' } })
    for (const [host, status] of [
      ['annals.example', 404],
      ['ANNALS.example', 404],
      ['other.example', 421],
    ] as const)
      expect(await askHttp(shown, '/api/nothing', { headers: { host } })).toMatchObject({ status })
  })

  it('changes nothing from a page of somebody else', async () => {
    const path = `/api/v1/communities/${communityId}/enable-archiving`
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      const answer = await askHttp(gateway, path, { method: 'POST', token, headers: { origin } })
      expect(reasonOf(answer)).toBe('ORIGIN_FOREIGN')
    }
    const origin = `http://127.0.0.1:${gateway.http?.port}`
    expect(await askHttp(gateway, path, { method: 'POST', token, headers: { origin } })).toMatchObject({ status: 200 })
  })
})

describe('what is hostile', () => {
  it('a body that is too large, is no JSON, or wants to change objects', async () => {
    const path = `/api/v1/communities/${communityId}/chats`
    const put = (body: string, headers = {}): ReturnType<typeof askHttp> =>
      askHttp(gateway, path, { method: 'PUT', token, body, headers })
    expect(reasonOf(await put(`{"chats":[${' '.repeat(1024 * 1024)}]}`))).toBe('BODY_TOO_LARGE')
    for (const text of ['{', 'nonsense', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}', ''])
      expect(reasonOf(await put(text))).toBe('BODY_NOT_JSON')
    for (const text of ['[]', '5', '"text"', '{"chats":null}', '{"chats":{"0":{}}}'])
      expect(reasonOf(await put(text))).toBe('INVALID_REQUEST')
    expect(reasonOf(await put('<x/>', { 'content-type': 'text/xml' }))).toBe('MEDIA_TYPE_UNKNOWN')
  })

  it('a path or a query that is malformed', async () => {
    for (const path of [
      '/%zz',
      '/api/v1/communities/%00',
      '/api/v1/log/1e5',
      `/api/v1/communities/${'a'.repeat(2_000)}`,
      '/api/v1/communities?limit=99999999999999999999',
      '/api/v1/communities?limit=-1',
      '/api/v1/communities?search=a&search=b',
    ]) {
      const answer = await askHttp(gateway, path, { token })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  it('more requests than an address may make, which a trusted proxy says and nobody else', async () => {
    expect(await askFor('loopback', ['192.0.2.1', '192.0.2.2', '192.0.2.1'])).toEqual([200, 200, 429])
    // What a client says of itself does not count: the proxy adds the address that it sees.
    expect(await askFor('loopback', ['192.0.2.7, 192.0.2.1', '192.0.2.8, 192.0.2.1'])).toEqual([200, 429])
    expect(await askFor('100.64.0.0/10', ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429])
    expect(await askFor('', ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429])
  })

  it('more requests than an address may make', async () => {
    await using strict = await startTestGateway({ httpLimits: { requestsPerMinute: 2 } })
    const answers = await Promise.all([1, 2, 3].map(() => askHttp(strict, '/api/v1/status', { token: 'guessed' })))
    const headers = answers.map((answer) => Object.keys(answer.headers))
    expect(headers.filter((names) => names.includes('www-authenticate'))).toHaveLength(2)
    expect(headers.filter((names) => names.includes('retry-after'))).toHaveLength(1)
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['401', '401', '429'])
  })

  it('a request for an upgrade to nothing', async () => {
    const socket = connect(gateway.http?.port ?? 0, '127.0.0.1')
    socket.write('GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /)
    socket.destroy()
  })

  it('an error that nobody foresaw shows an incident number and nothing else', async () => {
    await using broken = await startTestGateway({
      override: ({ registry }) => ({
        registry: Object.assign(Object.create(registry) as typeof registry, {
          get: () => Promise.reject(new TypeError('the secret is 42')),
        }),
      }),
    })
    const answer = await askHttp(broken, `/api/v1/communities/${communityId}`, { token: await operatorOf(broken) })
    expect(answer.json()).toMatchObject({ status: 500, type: 'urn:annals:problem:INTERNAL' })
    expect(answer.text).not.toContain('42')
  })
})
