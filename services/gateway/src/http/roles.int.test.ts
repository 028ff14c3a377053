import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AnnalsServiceService } from '@annals/proto/api/v1'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import type { HttpAnswer } from '../testing/http-client.ts'
import { askHttp, operatorOf, reasonOf } from '../testing/http-client.ts'
import { ask } from '../testing/test-gateway.ts'
import { apiRoutes, notOverHttp } from './api-routes.ts'
import { UnruledRouteError } from './http-errors.ts'
import type { HttpPart } from './http-part.ts'
import type { Allows, RouteRule } from './route-rule.ts'
import { routes } from './routes.ts'
import { startHttp } from './start-http.ts'
import { gatewayContextOf } from '../testing/gateway-context-of.ts'

/** Who asks, of a community that is theirs or not, and whether everybody may read of it. */
type Role = 'nobody' | 'wrong token' | 'other owner' | 'owner' | 'operator'

const roles: readonly Role[] = ['nobody', 'wrong token', 'other owner', 'owner', 'operator']

/** Who passes where, in words of the test's own. */
const passes: Readonly<Record<Allows, { readonly onPrivate: readonly Role[]; readonly onPublic: readonly Role[] }>> = {
  anybody: { onPrivate: roles, onPublic: roles },
  operator: { onPrivate: ['operator'], onPublic: ['operator'] },
  token: { onPrivate: ['other owner', 'owner', 'operator'], onPublic: ['other owner', 'owner', 'operator'] },
  owner: { onPrivate: ['owner', 'operator'], onPublic: ['owner', 'operator'] },
  public: { onPrivate: ['owner', 'operator'], onPublic: ['nobody', 'other owner', 'owner', 'operator'] },
}

let gateway: TestGateway
let tokens: Record<Role, string | undefined>
let [privateId, publicId] = ['', '']

async function addCommunity(name: string): Promise<string> {
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await ask(gateway.client, 'addCommunity', { controlNode, name, chats: [] })
  return community?.communityId ?? ''
}

async function tokenFor(...communityIds: string[]): Promise<string> {
  return (await ask(gateway.client, 'createToken', { label: 'test', communityIds })).secret
}

beforeAll(async () => {
  gateway = await startTestGateway({ httpLimits: { requestsPerMinute: 10_000 } })
  privateId = await addCommunity('private')
  publicId = await addCommunity('public')
  await ask(gateway.client, 'changeVisibility', { communityId: publicId, public: true })
  tokens = {
    nobody: undefined,
    'wrong token': `${'0'.repeat(16)}.${'A'.repeat(43)}`,
    'other owner': await tokenFor(await addCommunity('other')),
    owner: await tokenFor(privateId, publicId),
    operator: await operatorOf(gateway),
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Asks what no handler takes, so that whoever passes changes nothing. */
function knock({ verb, path }: RouteRule, communityId: string, role: Role): Promise<HttpAnswer> {
  const filled = path
    .replace(':communityId', communityId)
    .replaceAll(/:(id|sequence)\b/g, '1')
    .replace(':tokenId', 'x')
  const takesBody = verb === 'POST' || verb === 'PUT'
  return askHttp(gateway, takesBody ? filled : `${filled}?nonsense=1`, {
    method: verb,
    token: tokens[role],
    ...(takesBody && { body: { nonsense: 1 } }),
  })
}

/** Who is let through hears that nobody takes the nonsense, or gets what there is for everybody. */
function outcomeOf(answer: HttpAnswer): string {
  return answer.status === 200 || answer.status === 400 ? 'let through' : `${answer.status} ${reasonOf(answer)}`
}

function expected(role: Role, who: readonly Role[]): string {
  if (who.includes(role)) return 'let through'
  return role === 'owner' || role === 'other owner' ? '403 NOT_ALLOWED' : '401 TOKEN_MISSING_OR_WRONG'
}

async function namesFor(role: Role): Promise<string[]> {
  const answer = await askHttp(gateway, '/api/v1/communities', { token: tokens[role] })
  const { communities = [] } = answer.json() as { communities?: { name: string }[] }
  return communities.map(({ name }) => name).toSorted()
}

const apiTable = routes.filter(({ path }) => path.startsWith('/api/'))

describe('every route of the API', () => {
  describe.for(apiTable.map((rule) => [`${rule.verb} ${rule.path}`, rule] as const))('%s', ([, rule]) => {
    it.for(roles)('lets %s through only where the table says so', async (role) => {
      const { onPrivate, onPublic } = passes[rule.allows]
      expect(outcomeOf(await knock(rule, privateId, role))).toBe(expected(role, onPrivate))
      expect(outcomeOf(await knock(rule, publicId, role))).toBe(expected(role, onPublic))
    })
  })

  it('that needs no token is one of these', () => {
    const open = apiTable.filter(({ allows }) => allows === 'anybody' || allows === 'public')
    expect(open.map(({ verb, path }) => `${verb} ${path}`)).toEqual([
      'GET /api/v1/communities/:communityId/health',
      'GET /api/v1/communities/:communityId/archives',
      'GET /api/v1/public/communities/:communityId',
      'GET /api/openapi.json',
    ])
  })

  it('is of a method that there is, and every method has one or a reason to have none', () => {
    const methods = Object.values(AnnalsServiceService).map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
    const called = new Set(apiRoutes.map(({ method }) => method))
    expect(new Set([...called, ...Object.keys(notOverHttp)])).toEqual(new Set(methods))
    expect(Object.keys(notOverHttp).filter((method) => called.has(method))).toEqual([])
  })
})

describe('a route', () => {
  it('that nothing says who may use keeps the server from starting', async () => {
    const part: HttpPart = {
      name: 'stranger',
      mount: async ({ app }) => {
        app.get('/secret-door', () => 'open')
        return undefined
      },
    }
    await expect(startHttp(gatewayContextOf(gateway.context), [part])).rejects.toThrow(UnruledRouteError)
  })

  it('that there is not is said so to everybody, with the same headers as all answers', async () => {
    for (const path of ['/api/v2/status', '/api/v1//status', '/api/v1/../v1/status', '/nothing']) {
      const answer = await askHttp(gateway, path)
      expect(answer).toMatchObject({ status: 404 })
      expect(reasonOf(answer)).toBe('ROUTE_UNKNOWN')
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })
})

describe('owners', () => {
  it('see their own communities alone', async () => {
    expect(await namesFor('operator')).toEqual(['other', 'private', 'public'])
    expect(await namesFor('owner')).toEqual(['private', 'public'])
    expect(await namesFor('other owner')).toEqual(['other'])
  })

  it('may do what concerns their own community, until the token is revoked', async () => {
    const token = await tokenFor(privateId)
    const path = `/api/v1/communities/${privateId}/enable-archiving`
    const done = await askHttp(gateway, path, { method: 'POST', token })
    expect(done).toMatchObject({ status: 200 })
    expect(done.json()).toMatchObject({ community: { archivingOn: true } })
    const [tokenId = ''] = token.split('.')
    const revoked = await askHttp(gateway, `/api/v1/tokens/${tokenId}`, { method: 'DELETE', token: tokens.operator })
    expect(revoked.status).toBe(200)
    expect(await askHttp(gateway, path, { method: 'POST', token })).toMatchObject({ status: 401 })
  })

  it('have tokens of which nothing secret is kept or listed', async () => {
    const token = await tokenFor(privateId)
    const listed = await askHttp(gateway, '/api/v1/tokens', { token: tokens.operator })
    const [tokenId = '', secret = ''] = token.split('.')
    expect(listed.text).toContain(tokenId)
    expect(listed.text).not.toContain(secret)
  })
})
