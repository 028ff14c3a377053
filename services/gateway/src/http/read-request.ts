import type { ErrorObject, ValidateFunction } from 'ajv'
import type { FastifyRequest } from 'fastify'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { InvalidRequestError } from '../gateway-errors.ts'
import type { ApiRoute } from './api-route.ts'
import type { ApiDescriptors } from './openapi/api-descriptors.ts'
import type { Schema } from './openapi/message-schema.ts'
import { defaultPageItems, routeSchemas } from './openapi/route-schemas.ts'

export interface ReadRequest {
  readonly message: unknown
  /** Of a page. */
  readonly limit: number
}

type Read = (request: Pick<FastifyRequest, 'params' | 'query' | 'body'>) => ReadRequest

/** Says how requests of a route are read: by the schemas that the OpenAPI document shows, and nothing beyond. */
export class RequestReader {
  readonly #descriptors: ApiDescriptors
  readonly #schemas: Readonly<Record<string, Schema>>
  /** Of texts, as addresses have them. */
  readonly #texts = new Ajv2020({ coerceTypes: 'array', useDefaults: false, strict: false })
  readonly #json = new Ajv2020({ strict: false })

  constructor(descriptors: ApiDescriptors, schemas: Readonly<Record<string, Schema>>) {
    this.#descriptors = descriptors
    this.#schemas = schemas
  }

  /** Compiles at the first request, since most routes have none in the life of a process. */
  readerOf(route: ApiRoute): Read {
    let read: Read | undefined
    return (request) => (read ??= this.#compile(route))(request)
  }

  #compile(route: ApiRoute): Read {
    const { path, query, body } = routeSchemas(route, this.#descriptors)
    const checkPath = this.#texts.compile(this.#whole(path))
    const checkQuery = this.#texts.compile(this.#whole(query))
    const checkBody = body && this.#json.compile({ ...body, components: { schemas: this.#schemas } })
    return (request) => {
      const inPath = checked(checkPath, request.params)
      const { limit, fields } = split(route, checked(checkQuery, request.query))
      const inBody = checkBody === undefined ? {} : checked(checkBody, request.body ?? {})
      for (const field of route.withheld ?? []) refuseWithheld(inBody, field)
      return { message: route.request.fromJSON({ ...fields, ...inBody, ...inPath }), limit }
    }
  }

  #whole(properties: Readonly<Record<string, Schema>>): Schema {
    return { type: 'object', properties, additionalProperties: false, components: { schemas: this.#schemas } }
  }
}

/** How long a page is to be is no field of the request. */
function split({ form }: ApiRoute, query: Record<string, unknown>): { fields: Record<string, unknown>; limit: number } {
  if (form !== 'page') return { fields: query, limit: defaultPageItems }
  const { limit = defaultPageItems, ...fields } = query
  return { fields, limit: Number(limit) }
}

/** A copy, since texts are changed into what the schema says. @throws InvalidRequestError */
function checked(check: ValidateFunction, given: unknown): Record<string, unknown> {
  const copy = typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : given
  if (check(copy)) return copy as Record<string, unknown>
  throw new InvalidRequestError(...(check.errors ?? []).map(violationOf))
}

function violationOf({ instancePath, params, message = 'is not of the form' }: ErrorObject): {
  field: string
  description: string
} {
  const unknown = (params as { additionalProperty?: string }).additionalProperty
  const parts = instancePath.split('/').slice(1)
  if (unknown !== undefined)
    return {
      field: fieldOf([...parts, unknown.slice(0, 100)]),
      description: 'is not known; the OpenAPI document lists what is',
    }
  return { field: fieldOf(parts), description: message }
}

function fieldOf(parts: readonly string[]): string {
  return parts.map((part, at) => (/^\d+$/.test(part) ? `[${part}]` : at === 0 ? part : `.${part}`)).join('')
}

/** @throws InvalidRequestError */
function refuseWithheld(body: Record<string, unknown>, field: string): void {
  let value: unknown = body
  for (const part of field.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
  if (value !== undefined && value !== '')
    throw new InvalidRequestError({ field, description: 'is not taken over HTTP: use the command line on the machine' })
}
