import packageJson from '../../../package.json' with { type: 'json' }
import type { ApiRoute } from '../api-route.ts'
import { apiRoutes } from '../api-routes.ts'
import { problemMediaType } from '../problems.ts'
import type { Allows, RouteRule } from '../route-rule.ts'
import { apiOnlyRoutes } from '../routes.ts'
import type { ApiDescriptors } from './api-descriptors.ts'
import type { Schema } from './message-schema.ts'
import { messageSchema, messagesWithin, refTo } from './message-schema.ts'
import { methodOf, routeSchemas } from './route-schemas.ts'

const whoMay: Readonly<Record<Allows, string>> = {
  anybody: 'Anybody may.',
  operator: 'The operator may.',
  token: 'Who has a token may; an owner is told of their own communities alone.',
  owner: 'The operator and the owner of the community may.',
  public: 'The operator and the owner of the community may, and anybody where it is public.',
}

/** The schemas of all messages of the interface, by name. */
export function componentSchemas(descriptors: ApiDescriptors): Record<string, Schema> {
  const found = new Map<string, Parameters<typeof messageSchema>[0]>()
  for (const { input, output } of descriptors.methods.values())
    for (const each of [input, output]) messagesWithin(each, found)
  return Object.fromEntries([...found].map(([name, message]) => [name, messageSchema(message, descriptors)]))
}

/** The interface as OpenAPI 3.1 describes it: the routes as the table has them, the rest as the protocol files say. */
export function openApiDocument(descriptors: ApiDescriptors): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of apiRoutes)
    (paths[openApiPath(route)] ??= {})[route.verb.toLowerCase()] = operation(route, descriptors)
  for (const route of apiOnlyRoutes) (paths[openApiPath(route)] ??= {})[route.verb.toLowerCase()] = route.operation
  return {
    openapi: '3.1.1',
    info: {
      title: 'Annals',
      version: packageJson.version,
      description:
        'Everything that people look at and command, over HTTP. Community ids are 0x and 66 lower-case hex digits; times are Unix seconds unless the name says otherwise; a field that is absent from an answer has its default (an empty text, 0, false, nothing).',
    },
    paths,
    components: {
      schemas: { ...componentSchemas(descriptors), Problem: problemSchema },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'Why it was not done (RFC 9457).',
          content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

const problemSchema: Schema = {
  type: 'object',
  properties: {
    type: { type: 'string', description: 'urn:annals:problem: and a reason, such as COMMUNITY_UNKNOWN.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what to do about it.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, description: { type: 'string' } },
        required: ['field', 'description'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail'],
}

function operation(route: ApiRoute, descriptors: ApiDescriptors): Schema {
  const method = methodOf(route, descriptors)
  const { path, query, body } = routeSchemas(route, descriptors)
  const parameters = [
    ...Object.entries(path).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
  ]
  const comment = descriptors.comment(method)
  return {
    operationId: operationId(route),
    description: [comment, whoMay[route.allows]].filter((text) => text !== '').join(' '),
    'x-annals-method': route.method,
    'x-annals-allows': route.allows,
    ...securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: { 200: { description: 'Done.', content: contentOf(route, refTo(method.output)) }, default: problemRef },
  }
}

export const problemRef: Schema = { $ref: '#/components/responses/Problem' }

/** Nothing, or a token. */
function securityOf({ allows }: RouteRule): Schema {
  if (allows === 'anybody') return { security: [] }
  return { security: allows === 'public' ? [{}, { token: [] }] : [{ token: [] }] }
}

function contentOf({ form }: ApiRoute, item: Schema): Schema {
  switch (form) {
    case 'json':
      return { 'application/json': { schema: item } }
    case 'lines':
      return { 'application/x-ndjson': { schema: item } }
    case 'page': {
      const next = {
        type: 'integer',
        description: 'What `after` is to be for the next page; absent where there is none.',
      }
      const properties = { items: { type: 'array', items: item }, next }
      return { 'application/json': { schema: { type: 'object', properties, required: ['items'] } } }
    }
    default:
      return form satisfies never
  }
}

/** The method's name, and what tells it from another route of the same method. */
function operationId({ method, path }: ApiRoute): string {
  const twins = apiRoutes.filter((other) => other.method === method)
  const [first] = twins
  if (twins.length === 1 || first?.path === path) return method
  return `${method}OfCommunity`
}

function openApiPath({ path }: RouteRule): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}
