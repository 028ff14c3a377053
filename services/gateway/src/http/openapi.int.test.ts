import { afterAll, beforeAll, expect, it } from 'vitest'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { askHttp } from '../testing/http-client.ts'
import { routes } from './routes.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, { readonly properties?: Record<string, unknown> }> }
}

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { properties: object } }> }
}

let gateway: TestGateway
let document: Document
beforeAll(async () => {
  gateway = await startTestGateway()
  document = (await askHttp(gateway, '/api/openapi.json')).json() as unknown as Document
})
afterAll(() => gateway[Symbol.asyncDispose]())

it('is OpenAPI 3.1 by the word of a validator', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document) as unknown as Record<string, unknown>)).toEqual({
    valid: true,
  })
  expect(validator.version).toBe('3.1')
})

it('has every route of the API, and no other', () => {
  const shown = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )
  const api = routes.filter(({ path }) => path.startsWith('/api/'))
  expect(shown.toSorted()).toEqual(api.map(({ verb, path }) => `${verb} ${path}`).toSorted())
})

it('names each operation once', () => {
  const ids = Object.values(document.paths).flatMap((verbs) => Object.values(verbs).map((each) => each.operationId))
  expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted())
})

it('says what the protocol files say', () => {
  const archives = document.paths['/api/v1/communities/{communityId}/archive-now']?.['post']
  expect(archives?.description).toContain('Seals what is there now')
  expect(document.components.schemas['Archive']?.properties).toMatchObject({
    sizeBytes: { type: 'integer', description: 'With padding.' },
    contentTopics: { type: 'array', items: { type: 'string' } },
  })
})

it('has what the path names in the path, and not once more in the body or the query', () => {
  const chats = document.paths['/api/v1/communities/{communityId}/chats']?.['put']
  expect(chats?.parameters).toMatchObject([{ name: 'communityId', in: 'path', required: true }])
  expect(Object.keys(chats?.requestBody?.content['application/json']?.schema.properties ?? {})).toEqual(['chats'])
  const event = document.paths['/api/v1/log/{sequence}']?.['get']
  expect(event?.parameters?.map(({ name }) => name)).toEqual(['sequence'])
  const events = document.paths['/api/v1/communities/{communityId}/events']?.['get']
  expect(events?.parameters?.map(({ name }) => name)).toEqual(['communityId', 'after', 'names', 'limit'])
})

it('is not sent again to who has it', async () => {
  const first = await askHttp(gateway, '/api/openapi.json', { headers: { 'accept-encoding': 'gzip' } })
  expect(first.headers['content-encoding']).toBe('gzip')
  const again = await askHttp(gateway, '/api/openapi.json', {
    headers: { 'if-none-match': String(first.headers.etag) },
  })
  expect(again).toMatchObject({ status: 304, text: '' })
})
