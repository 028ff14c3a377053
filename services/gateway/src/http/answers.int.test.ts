import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { encodeMagnetMessage } from '@annals/crypto'
import { eventId } from '@annals/events'
import { addControlled, appendArchive, messageOf, privateKeyOf, torrentOf } from '@annals/service/testing'
import { dispatches, seedings } from '@annals/storage'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import type { HttpAnswer } from '../testing/http-client.ts'
import { askHttp, operatorOf } from '../testing/http-client.ts'
import { ask } from '../testing/test-gateway.ts'
import { routes } from './routes.ts'

type Content = Readonly<Record<string, { readonly schema: object }>>

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Content; readonly $ref?: string }>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: { readonly Problem: { readonly content: Content } } }
}

const number = 7
let gateway: TestGateway
let token: string
let communityId: string
let document: Document
let check: (content: Content, answer: HttpAnswer) => void
/** Operations that were answered with what was asked for. */
const answered = new Set<string>()
beforeAll(async () => {
  gateway = await startTestGateway({ httpLimits: { requestsPerMinute: 10_000 } })
  token = await operatorOf(gateway)
  document = (await askHttp(gateway, '/api/openapi.json')).json() as unknown as Document
  check = checker(document)
  communityId = await addControlled(gateway.context, number)
  await fill(gateway, communityId)
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Something of everything that a route shows. */
async function fill({ context, client }: TestGateway, id: string): Promise<void> {
  const { bus, state } = context
  await context.messages.ingest(id, [messageOf(id, 1_001, { payloadBytes: 100 })], 'pending')
  await appendArchive(context, id, [messageOf(id, 1_000, { payloadBytes: 100 })], 1_000)
  const infoHash = await torrentOf(context, id)
  const magnetLink = `magnet:?xt=urn:btih:${infoHash}&tr=https%3A%2F%2Ftracker.example&ws=https%3A%2F%2Fannals.example%2F`
  const signed = encodeMagnetMessage({ privateKey: privateKeyOf(number), clockMilliseconds: 5, magnetLink })
  const message = `0x${Buffer.from(signed).toString('hex')}`
  await state.collection(seedings).put(id, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  await state.collection(dispatches).put(id, { clockMilliseconds: 5, infoHash, magnetLink, message, dueAt: 1e9 }, 0)
  const event = { id: eventId('Unseeded', id, 'x'), name: 'Unseeded', communityId: id } as const
  await bus.publish({ ...event, payload: { infoHash, reason: 'gone' } }, { source: 'seeder' })
  for (const name of ['first', 'second']) {
    const spec = { name, events: ['Unseeded'], maxDeliveries: 1, backoffSeconds: [], concurrency: 1 } as const
    await using consumption = await bus.consume(spec, () => Promise.reject(new Error('no disk')))
    await consumption.idle()
  }
  await ask(client, 'createToken', { label: 'owner', communityIds: [id] })
}

/** Says whether a body is what the document says of its media type. */
function checker({ components }: Document): (content: Content, answer: HttpAnswer) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const compiled = new Map<object, ValidateFunction>()
  return (content, answer) => {
    const [mediaType = ''] = String(answer.headers['content-type']).split(';')
    const schema = content[mediaType]?.schema
    if (schema === undefined) throw new Error(`the document says nothing of ${mediaType}`)
    const validate = compiled.get(schema) ?? ajv.compile({ ...schema, components })
    compiled.set(schema, validate)
    const values = mediaType.endsWith('ndjson') ? answer.text.trim().split('\n') : [answer.text]
    for (const value of values) {
      validate(JSON.parse(value))
      expect(validate.errors, value).toBeNull()
    }
  }
}

/** Asks, and holds the answer against the document. */
async function look(verb: string, path: string, body?: unknown, as: string | undefined = token): Promise<HttpAnswer> {
  const [plain = ''] = path.split('?')
  const parts = plain.split('/')
  const matches = ([template]: [string, unknown]): boolean =>
    template.split('/').length === parts.length &&
    template.split('/').every((part, at) => part.startsWith('{') || part === parts[at])
  const found = Object.entries(document.paths).filter(matches)
  // One that names what stands at a place goes before one that takes anything there.
  const [template, verbs] = found.toSorted(([a], [b]) => a.split('{').length - b.split('{').length)[0] ?? ['', {}]
  const operation = verbs[verb.toLowerCase()]
  if (operation === undefined) throw new Error(`the document has no ${verb} ${path}`)
  const answer = await askHttp(gateway, path, { method: verb, token: as, ...(body !== undefined && { body }) })
  if (answer.status === 200) answered.add(`${verb} ${template}`)
  const content = answer.status === 200 ? operation.responses['200']?.content : undefined
  check(content ?? document.components.responses.Problem.content, answer)
  return answer
}

const member = '0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'
const magnetLink = `magnet:?xt=urn:btih:${'cd'.repeat(20)}`

/** Every route that can be asked for something, with that; `:id` is the community, `:token` a token's id. */
const asks: readonly (readonly [verb: string, path: string, body?: unknown])[] = [
  ['GET', '/status'],
  ['GET', '/communities'],
  ['GET', '/communities/:id'],
  ['GET', '/communities/:id/status'],
  ['GET', '/communities/:id/health'],
  ['GET', '/communities/:id/archives'],
  ['GET', '/public/communities/:id'],
  ['GET', '/communities/:id/archive-way'],
  ['GET', '/communities/:id/messages'],
  ['GET', '/communities/:id/events?limit=2'],
  ['GET', '/log'],
  ['GET', '/log/1'],
  ['GET', '/dead-letters?limit=1'],
  ['GET', '/communities/:id/dead-letters'],
  ['GET', '/dead-letters/1'],
  ['GET', '/keys'],
  ['GET', '/tokens'],
  ['POST', '/communities/:id/enable-archiving', {}],
  ['POST', '/communities/:id/archive-now', {}],
  ['POST', '/communities/:id/announce-again', {}],
  ['POST', '/communities/:id/group-keys', {}],
  ['GET', '/communities/:id/group-keys'],
  ['PUT', '/communities/:id/visibility', { public: true }],
  ['PUT', '/communities/:id/chats', { chats: [{ channelId: 'a', name: 'A' }] }],
  ['POST', '/communities/:id/seed', {}],
  ['POST', '/communities/:id/disable-archiving', {}],
  ['POST', '/dead-letters/1/replay'],
  ['DELETE', '/dead-letters/2'],
  ['POST', '/keys', {}],
  ['POST', '/keys/rotate', {}],
  ['POST', '/communities', { member: { communityId: member }, name: 'New' }],
  ['POST', `/communities/${member}/enable-archiving`, {}],
  ['POST', `/communities/${member}/fetch`, { magnetLink }],
  ['POST', `/communities/${member}/announcement`, { message: 'AAAA' }],
  ['POST', '/communities/:id/leave', {}],
  ['DELETE', '/tokens/:token'],
]

it('what is answered is what the document says, of every route', async () => {
  const { tokens } = (await askHttp(gateway, '/api/v1/tokens', { token })).json() as { tokens: { tokenId: string }[] }
  for (const [verb, path, body] of asks) {
    const filled = path.replace(':id', communityId).replace(':token', tokens[0]?.tokenId ?? '')
    expect(await look(verb, `/api/v1${filled}`, body), `${verb} ${path}`).toMatchObject({ status: 200 })
  }
  await look('GET', '/api/openapi.json')
  const all = routes.filter(({ path }) => path.startsWith('/api/'))
  const templates = all.map(({ verb, path }) => `${verb} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  // Its answer does not end: it has tests of its own.
  expect(templates.filter((template) => !answered.has(template))).toEqual(['GET /api/v1/events'])
})

it('a refusal is a problem as the document has it, of every route', async () => {
  for (const { verb, path } of routes.filter(({ path }) => path.startsWith('/api/v1/'))) {
    const filled = path.replaceAll(/:\w+/g, 'x')
    const takesBody = verb === 'POST' || verb === 'PUT'
    expect((await look(verb, filled, undefined, 'guessed')).status).toBe(401)
    const wrong = await look(verb, takesBody ? filled : `${filled}?nonsense=1`, takesBody ? { nonsense: 1 } : undefined)
    expect(wrong.json()).toMatchObject({ status: 400, errors: [{ description: expect.any(String) }] })
  }
})
